// A message that was opened is read: say so to the bank, then on the page. Without this there is a button.
export async function readWhenOpened() {
  const form = document.querySelector("form[data-read-when-opened]");
  if (!form) return;
  const options = { method: "POST", body: new FormData(form), headers: { Accept: "application/json" } };
  const answer = await fetch(form.action, options).catch(() => null);
  if (!answer?.ok) return;
  form.hidden = true;
  showUnread((await answer.json()).unread);
}

function showUnread(figure) {
  for (const badge of document.querySelectorAll("[data-unread]")) {
    badge.textContent = figure;
    badge.hidden = !figure;
  }
}
