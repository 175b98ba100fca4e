// A passkey is made or asked for when the button is pressed; what it signed goes into the form, which is then sent.
export function passkeys() {
  for (const form of document.querySelectorAll("[data-passkey]")) {
    if (!navigator.credentials || !("PublicKeyCredential" in window)) continue;
    form.querySelector("[data-no-passkey]").hidden = true;
    form.querySelector("button").hidden = false;
    // Ahead of what stops a second press: this one does not send the form yet.
    form.addEventListener("submit", (event) => {
      if (form.elements.code.value) return;
      event.preventDefault();
      give(form);
    });
  }
}

async function give(form) {
  const failed = form.querySelector("[data-passkey-failed]");
  failed.hidden = true;
  try {
    const asked = readable(JSON.parse(form.dataset.options));
    const given = await navigator.credentials[form.dataset.passkey]({ publicKey: asked });
    form.elements.code.value = JSON.stringify(sendable(given));
    form.requestSubmit();
  } catch {
    failed.hidden = false; // refused, cancelled, or none for this address
  }
}

function readable(asked) {
  asked.challenge = bytes(asked.challenge);
  if (asked.user) asked.user.id = bytes(asked.user.id);
  for (const list of [asked.excludeCredentials, asked.allowCredentials]) {
    for (const credential of list ?? []) credential.id = bytes(credential.id);
  }
  return asked;
}

function sendable(given) {
  const response = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (given.response[name]) response[name] = text(given.response[name]);
  }
  return { id: given.id, rawId: text(given.rawId), type: given.type, response };
}

function bytes(base64url) {
  const letters = atob(base64url.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(letters, (letter) => letter.charCodeAt(0));
}

function text(buffer) {
  const letters = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(letters).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
