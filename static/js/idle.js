// Warns before the session ends, keeps what was typed, then goes to the sign-in page. The server ends it regardless.
const SHARED = "last-seen";
const LAST_SAVE_SECONDS = 5;
let lastTyping = 0;

export function watchIdleness() {
  const dialog = document.querySelector("dialog[data-idle-seconds]");
  if (!dialog?.showModal) return;
  const idle = Number(dialog.dataset.idleSeconds);
  const warn = Number(dialog.dataset.warnSeconds);
  const left = dialog.querySelector("[data-left]");
  let kept = 0;
  seenByServer();
  addEventListener("pageshow", (event) => event.persisted && location.reload());
  document.addEventListener("input", () => (lastTyping = Date.now()));
  dialog.querySelector("form").addEventListener("submit", (event) => {
    event.preventDefault();
    event.stopPropagation();
    extend(event.target).then((alive) => (alive ? dialog.close() : leave(dialog)));
  });
  dialog.addEventListener("cancel", (event) => event.preventDefault());
  setInterval(() => {
    // Another tab may have spoken to the server meanwhile: the clock is shared.
    const seconds = Math.ceil(idle - (Date.now() - lastSeen()) / 1000);
    if (seconds > warn) {
      if (dialog.open) dialog.close();
      return;
    }
    if (!dialog.open) dialog.showModal();
    left.textContent = `${Math.floor(Math.max(seconds, 0) / 60)}:${String(Math.max(seconds, 0) % 60).padStart(2, "0")}`;
    if (lastTyping > kept || (seconds <= LAST_SAVE_SECONDS && kept === 0)) {
      kept = Date.now();
      keepForms(dialog.dataset.keepUrl);
    }
    if (seconds < 0) leave(dialog);
  }, 1000);
}

function leave(dialog) {
  location.replace(`${dialog.dataset.loginUrl}?next=${encodeURIComponent(location.pathname + location.search)}`);
}

async function extend(form) {
  try {
    const answer = await fetch(form.action, {
      method: "POST",
      body: new FormData(form),
      headers: { Accept: "application/json" },
      redirect: "manual",
    });
    if (answer.status === 401 || answer.status === 403) return false;
    seenByServer();
    return true;
  } catch {
    return true; // No network: stay, the clock goes on.
  }
}

function keepForms(address) {
  if (!address) return;
  for (const form of document.querySelectorAll("form[data-keep]")) {
    const body = new FormData(form);
    // Text only: a chosen file is too large to be kept, and would keep the rest from being.
    for (const [name, value] of [...body]) if (value instanceof File) body.delete(name);
    body.set("_path", location.pathname);
    fetch(address, { method: "POST", body, redirect: "manual", keepalive: true }).catch(() => {});
  }
}

function seenByServer() {
  try {
    localStorage.setItem(SHARED, String(Date.now()));
  } catch {
    // Storage may be closed; this tab then keeps its own clock.
  }
  here = Date.now();
}

let here = Date.now();

function lastSeen() {
  try {
    return Math.max(here, Number(localStorage.getItem(SHARED)));
  } catch {
    return here;
  }
}
