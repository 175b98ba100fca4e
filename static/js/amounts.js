// Hide amounts at once; the server is told in the background, so that the next page comes without them. Pages that came
// without them have nothing to show: then the form is sent as usual.
export function hideAmounts() {
  const root = document.documentElement;
  for (const form of document.querySelectorAll("[data-hide-amounts]")) {
    form.addEventListener("submit", (event) => {
      // Hidden on the server: the figures are not in this page, so it has to be asked for again.
      if (document.querySelector("[data-amount-hidden]")) return;
      if (document.querySelector("[data-amount-hidden]")) return;
      const button = form.querySelector("button");
      const body = new FormData(form);
      body.set(button.name, button.value);
      event.preventDefault();
      event.stopPropagation();
      const hidden = root.classList.toggle("amounts-hidden");
      button.value = hidden ? "0" : "1";
      button.querySelector("[data-words]").textContent = hidden ? button.dataset.show : button.dataset.hide;
      fetch(form.action, { method: "POST", body, redirect: "manual", keepalive: true }).catch(() => {});
    });
  }
}
