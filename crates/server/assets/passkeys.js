// Passkeys (W3C Web Authentication): a page says by attributes which it asks for, the browser asks the person, and what it
// answers is sent with the form. What is only of use where a browser knows passkeys is hidden until now. Nothing is loaded, and
// no markup is made.

const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (sign) => sign.charCodeAt(0));
const base64url = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
const listed = (list) => list.map((known) => ({ ...known, id: bytes(known.id) }));

/* The options, with bytes where JSON has texts. */
const options = (json) => {
  const asked = { ...json, challenge: bytes(json.challenge) };
  if (json.user) asked.user = { ...json.user, id: bytes(json.user.id) };
  if (json.excludeCredentials) asked.excludeCredentials = listed(json.excludeCredentials);
  if (json.allowCredentials) asked.allowCredentials = listed(json.allowCredentials);
  return asked;
};

/* The answer, with texts where the browser has bytes. */
const answer = ({ id, response }) => {
  const told = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (response[name]) told[name] = base64url(response[name]);
  }
  if (response.getTransports) told.transports = response.getTransports();
  return JSON.stringify({ id, response: told });
};

let waiting;
const ask = async (part, mediation) => {
  // A browser asks for one thing at a time.
  waiting?.abort();
  waiting = new AbortController();
  const { signal } = waiting;
  const publicKey = options(JSON.parse(part.dataset.options));
  const isNew = part.dataset.passkey === "create";
  const credential = isNew
    ? await navigator.credentials.create({ publicKey, signal })
    : await navigator.credentials.get({ publicKey, mediation, signal });
  const field = part.querySelector("input");
  field.value = answer(credential);
  field.disabled = false;
  // Not what stands in the other fields: they may be empty.
  field.form.submit();
};

/* Passkeys among what a browser fills in: it waits until somebody picks one. */
const offer = async (part) => {
  if (!(await PublicKeyCredential.isConditionalMediationAvailable?.())) return;
  try {
    await ask(part, "conditional");
  } catch {
    // Nobody picked one, or the button was pressed.
  }
};

for (const part of window.PublicKeyCredential ? document.querySelectorAll("[data-passkey]") : []) {
  const button = part.querySelector("button");
  const problem = part.querySelector("[role=alert]");
  const isOffered = part.dataset.autofill !== undefined;
  button.addEventListener("click", async () => {
    if (part.dataset.checks !== undefined && !button.form.reportValidity()) return;
    problem.hidden = true;
    try {
      await ask(part);
    } catch (error) {
      if (error.name === "AbortError") return;
      problem.hidden = false;
      if (isOffered) offer(part);
    }
  });
  button.hidden = false;
  const without = part.querySelector("[data-without]");
  if (without) without.hidden = true;
  if (isOffered) offer(part);
}

addEventListener("pageshow", () => {
  for (const field of document.querySelectorAll("[data-passkey] > input")) field.disabled = true;
});
