// Hide amounts at once; the server is told in the background, so that the next page comes without them. Pages that came
// without them have nothing to show: then the form is sent as usual.
const kept = new Map();

function figures() {
  return [...document.querySelectorAll("[data-amount].num, [data-amount] .num")].filter(
    (place) => !place.matches(".code") && !place.querySelector(".num"),
  );
}

function mask(words) {
  for (const place of figures()) {
    kept.set(place, [...place.childNodes]);
    const dots = document.createElement("span");
    dots.setAttribute("aria-hidden", "true");
    dots.textContent = "•••••";
    const said = document.createElement("span");
    said.className = "visually-hidden";
    said.textContent = words;
    place.replaceChildren(dots, said);
  }
}

function unmask() {
  for (const [place, nodes] of kept) place.replaceChildren(...nodes);
  kept.clear();
}

export function hideAmounts() {
  const root = document.documentElement;
  for (const form of document.querySelectorAll("[data-hide-amounts]")) {
    const button = form.querySelector("button");
    if (root.classList.contains("amounts-hidden") && !kept.size) mask(button.dataset.said);
    form.addEventListener("submit", (event) => {
      // Hidden on the server: the figures are not in this page, so it has to be asked for again.
      if (document.querySelector("[data-amount-hidden]")) return;
      const body = new FormData(form);
      body.set(button.name, button.value);
      event.preventDefault();
      event.stopPropagation();
      const hidden = root.classList.toggle("amounts-hidden");
      if (hidden) mask(button.dataset.said);
      else unmask();
      button.value = hidden ? "0" : "1";
      button.querySelector("[data-words]").textContent = hidden ? button.dataset.show : button.dataset.hide;
      fetch(form.action, { method: "POST", body, redirect: "manual", keepalive: true }).catch(() => {});
    });
  }
}
