// The ceremony of a passkey: asks the server what to ask the authenticator, asks it, and sends its answer
// with the form. A form says with data-passkey whether a passkey is made ("create") or used ("get"), with
// data-options where to ask, with data-origin where passkeys work, and with data-elsewhere, data-none,
// data-stopped, data-known and data-failed what to say when it does not come to an answer. Without this
// script the form stays hidden, and the other ways stay.

const bytes = (text) => {
  const plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
};

const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

/** The options as the browser wants them: bytes for base 64. */
function opened(options) {
  const list = (all) => (all ?? []).map((one) => ({ ...one, id: bytes(one.id) }));
  const user = options.user && { user: { ...options.user, id: bytes(options.user.id) } };
  return {
    ...options,
    ...user,
    challenge: bytes(options.challenge),
    excludeCredentials: list(options.excludeCredentials),
    allowCredentials: list(options.allowCredentials),
  };
}

/** The answer as the server reads it: base 64 for bytes. */
function closed(credential) {
  const response = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (credential.response[name]) response[name] = text(credential.response[name]);
  }
  return JSON.stringify({
    id: credential.id,
    rawId: text(credential.rawId),
    type: credential.type,
    response,
    clientExtensionResults: {},
  });
}

async function ceremony(form) {
  const token = form.querySelector("[name=form_token]").value;
  const asked = await fetch(form.dataset.options, {
    method: "POST",
    body: new URLSearchParams({ form_token: token }),
  });
  if (!asked.ok || asked.redirected) throw new Error(`the options were answered with ${asked.status}`);
  const publicKey = opened(await asked.json());
  const credential = await navigator.credentials[form.dataset.passkey]({ publicKey });
  form.querySelector("[name=answer]").value = closed(credential);
  form.submit();
}

function says(form, words) {
  const place = form.querySelector("[data-words]");
  place.textContent = words;
  place.hidden = !words;
}

for (const form of document.querySelectorAll("form[data-passkey]")) {
  form.hidden = false;
  const button = form.querySelector("button[type=submit]");
  const elsewhere = location.origin !== form.dataset.origin;
  if (elsewhere || !window.PublicKeyCredential) {
    button.hidden = true;
    says(form, elsewhere ? form.dataset.elsewhere : form.dataset.none);
    continue;
  }
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    says(form, "");
    button.setAttribute("aria-disabled", "true");
    try {
      await ceremony(form);
    } catch (error) {
      const words = { NotAllowedError: "stopped", AbortError: "stopped", InvalidStateError: "known" };
      says(form, form.dataset[words[error.name] ?? "failed"]);
    } finally {
      button.removeAttribute("aria-disabled");
    }
  });
}
