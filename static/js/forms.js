// A refused form: take the reader to what must be put right.
export function focusRefusals() {
  document.querySelector("[data-focus]")?.focus();
}

// A second press of the same button sends nothing. The server refuses a second payment anyway; this saves the wait.
export function guardDoubleSubmit() {
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post") return;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "1";
    // Disabled only after the form data is gathered, or the button's own name and value would be lost.
    setTimeout(() => setButtons(form, true));
  });
  addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-sent]")) {
      delete form.dataset.sent;
      setButtons(form, false);
    }
  });
}

function setButtons(form, off) {
  for (const button of form.elements) {
    if (button.type === "submit" && button.dataset.waiting === undefined) {
      button.disabled = off;
      button.toggleAttribute("data-busy", off);
    }
  }
}

export function revealPasswords() {
  for (const button of document.querySelectorAll("[data-reveal]")) {
    const input = document.getElementById(button.dataset.reveal);
    if (!input) continue;
    button.hidden = false;
    const show = (on) => {
      input.type = on ? "text" : "password";
      button.setAttribute("aria-pressed", String(on));
      button.textContent = on ? button.dataset.hide : button.dataset.show;
    };
    button.addEventListener("click", () => {
      show(input.type === "password");
      input.focus();
    });
    input.form?.addEventListener("submit", () => show(false));
  }
  for (const hint of document.querySelectorAll("[data-caps]")) {
    const input = document.getElementById(hint.dataset.caps);
    const look = (event) => (hint.hidden = !event.getModifierState?.("CapsLock"));
    input?.addEventListener("keydown", look);
    input?.addEventListener("keyup", look);
    input?.addEventListener("blur", () => (hint.hidden = true));
  }
}

// "Send another one in 24 s": the button wakes up when asking again makes sense.
export function waitBeforeResending() {
  for (const button of document.querySelectorAll("[data-wait]")) {
    const words = button.textContent;
    const until = Date.now() + Number(button.dataset.wait) * 1000;
    if (until <= Date.now()) continue;
    button.dataset.waiting = "";
    button.disabled = true;
    const tick = () => {
      const left = Math.ceil((until - Date.now()) / 1000);
      if (left > 0) {
        button.textContent = button.dataset.waitText.replace("{seconds}", left);
        return setTimeout(tick, 500);
      }
      delete button.dataset.waiting;
      button.disabled = false;
      button.textContent = words;
    };
    tick();
  }
}
