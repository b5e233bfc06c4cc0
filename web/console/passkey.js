// A button with data-passkey (the server's options, as JSON) asks the browser
// for a passkey, one with data-passkey-new has it make one; the answer goes into
// the form's field and the form is sent. Without this module, or where the
// browser has no passkeys, the button stays hidden.
const bytes = (s) => Uint8Array.from(atob(s.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
const text = (b) => btoa(String.fromCharCode(...new Uint8Array(b))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

async function make(button) {
  const options = JSON.parse(button.dataset.passkeyNew).publicKey;
  options.challenge = bytes(options.challenge);
  options.user.id = bytes(options.user.id);
  for (const c of options.excludeCredentials ?? []) c.id = bytes(c.id);
  const c = await navigator.credentials.create({ publicKey: options });
  return JSON.stringify({
    id: c.id, rawId: text(c.rawId), type: c.type,
    response: {
      attestationObject: text(c.response.attestationObject), clientDataJSON: text(c.response.clientDataJSON),
      transports: c.response.getTransports?.() ?? [],
    },
  });
}

async function ask(button) {
  const options = JSON.parse(button.dataset.passkey).publicKey;
  options.challenge = bytes(options.challenge);
  for (const c of options.allowCredentials ?? []) c.id = bytes(c.id);
  const c = await navigator.credentials.get({ publicKey: options });
  return JSON.stringify({
    id: c.id, rawId: text(c.rawId), type: c.type,
    response: {
      authenticatorData: text(c.response.authenticatorData), clientDataJSON: text(c.response.clientDataJSON),
      signature: text(c.response.signature), userHandle: c.response.userHandle ? text(c.response.userHandle) : undefined,
    },
  });
}

if (window.PublicKeyCredential) {
  for (const button of document.querySelectorAll("[data-passkey], [data-passkey-new]")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      if (button.dataset.passkeyNew && !button.form.reportValidity()) return;
      let answer;
      try {
        answer = await (button.dataset.passkeyNew ? make(button) : ask(button));
      } catch {
        const say = document.getElementById("say");
        if (say) say.textContent = "No passkey was given. Try again, or use another way.";
        return;
      }
      button.form.elements[button.dataset.into].value = answer;
      HTMLFormElement.prototype.submit.call(button.form);
    });
  }
}
