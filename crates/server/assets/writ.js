// What pages do better where scripts run. Everything works without: what is only of use here is hidden until now, and its
// words are on the page, in its language. Nothing leaves the page, nothing is loaded, no markup is made.

const all = (selector, within = document) => [...within.querySelectorAll(selector)];
const named = (id) => document.getElementById(id);

/* A password that can be read while it is typed. It is one again when it is sent, so that browsers keep it as one. */
for (const button of all("[data-show]")) {
  const field = named(button.dataset.show);
  const show = (isShown) => {
    field.type = isShown ? "text" : "password";
    button.setAttribute("aria-pressed", isShown);
  };
  button.addEventListener("click", () => show(field.type === "password"));
  field.form?.addEventListener("submit", () => show(false));
  addEventListener("pageshow", () => show(false));
  button.hidden = false;
}

/* Caps Lock, told while a password is typed. */
for (const hint of all("[data-caps]")) {
  const field = named(hint.dataset.caps);
  const tell = (isOn) => {
    const words = isOn ? hint.dataset.words : "";
    if (hint.textContent !== words) hint.textContent = words;
  };
  for (const kind of ["keydown", "keyup", "pointerdown"]) {
    field.addEventListener(kind, (event) => tell(event.getModifierState?.("CapsLock")));
  }
  field.addEventListener("blur", () => tell(false));
}

/* How hard a password is to guess: a low estimate, as the server alone can tell. What it thinks of is what guessers try
   first: words, rows of keys, runs, years, repeats, and what is known of the person. It looks at 64 characters. */
const LOOKED_AT = 64;
const ROWS = ["abcdefghijklmnopqrstuvwxyz", "qwertyuiop", "asdfghjkl", "zxcvbnm", "qwertzuiop", "azertyuiop", "01234567890", "1q2w3e4r5t6y", "1qaz2wsx3edc"];
const LETTERS = { 4: "a", "@": "a", 3: "e", 1: "i", "!": "i", 0: "o", $: "s", 5: "s", 7: "t", "+": "t" };
const BOTH_WAYS = ROWS.flatMap((row) => [row, [...row].reverse().join("")]);
/* What is part of a row, by its length: the longest come first. */
const PARTS = BOTH_WAYS.flatMap((row) =>
  [...row].flatMap((_, from) => [...row].map((_, end) => row.slice(from, end + 1)))
).filter((part) => part.length > 3 || (part.length > 2 && /\d/.test(part))).sort((one, other) => other.length - one.length);
/* In powers of ten. */
const ofRun = (run) => {
  const long = [...run].length;
  if (/^\d/.test(run)) return /^(19|20)\d\d$/.test(run) ? 2 : long > 5 && long < 9 && /19|20/.test(run) ? 4.5 : Math.min(long, 7);
  if (/^[^\p{L}]/u.test(run)) return 0.6;
  if (/[^a-z]/.test(run)) return Math.min(long * 1.4, 5 + Math.max(0, long - 6));
  return Math.min(long * 1.4, 4 + Math.max(0, long - 12) * 0.6);
};
const ofText = (whole, known) => {
  let rest = whole;
  for (const text of known) rest = rest.replaceAll(text, " ");
  if (rest !== whole && rest.replace(/[^\p{L}\p{N}]/gu, "").length < 4) return 0;
  rest = rest.replace(/(.)\1{2,}|(..)\2{2,}|(...+?)\3+/gu, (_, ...once) => `${once.slice(0, 3).join("")} `);
  let power = 0;
  for (const part of PARTS) {
    while (rest.includes(part)) [rest, power] = [rest.replace(part, " "), power + 1];
  }
  // Signs within a word are the letters that they look like; those at its end are not.
  rest = rest.replace(/^[\d@!$+](?=[a-z])|[a-z@!$+]+[\d@!$+]+(?=[a-z])/g, (part) => [...part].map((sign) => LETTERS[sign] ?? sign).join(""));
  for (const run of rest.match(/\d+|\p{L}+|[^\s\p{L}\d]/gu) ?? []) power += ofRun(run);
  return power;
};
/* Two rows in one another (1q2w3e4r) are no more than two rows. */
const strength = (password, known) => {
  const signs = [...password.toLowerCase()].slice(0, LOOKED_AT);
  const halves = [0, 1].map((odd) => signs.filter((_, at) => at % 2 === odd).join("")).join(" ");
  return Math.min(...[signs.join(""), halves].map((text) => ofText(text, known))) + (/[a-z].*[A-Z]/.test(password) ? 0.5 : 0);
};
/* From here on, in powers of ten: enough, good, strong. */
const STEPS = [8, 10, 13];
for (const meter of all("[data-strength]")) {
  const field = named(meter.dataset.strength);
  const said = meter.querySelector("[role=status]");
  const known = () => {
    const typed = all("input:not([type=hidden],[type=password],[type=file])", field.form).filter((other) => other !== field);
    const texts = [...typed.map((other) => other.value), ...all(".brand bdi").map((name) => name.textContent), "writ"];
    const parts = texts.flatMap((text) => [text, ...text.split(/[^\p{L}\p{N}]+/u)]).map((text) => text.trim().toLowerCase());
    return parts.filter((part) => part.length > 2).sort((one, other) => other.length - one.length);
  };
  const tell = () => {
    const long = [...field.value].length;
    const isLong = long >= field.minLength;
    const power = isLong ? strength(field.value, known()) : 0;
    const level = isLong ? 1 + STEPS.filter((step) => power >= step).length : 0;
    meter.hidden = long === 0;
    meter.dataset.level = level;
    const words = meter.dataset[`words${level}`];
    if (said.textContent !== words) said.textContent = words;
  };
  let waits;
  field.addEventListener("input", () => {
    clearTimeout(waits);
    waits = setTimeout(tell, 150);
  });
  if (field.value) tell();
}

/* Copies what is on the page. Browsers let only pages do so that came over a safe way: elsewhere nothing is offered. */
for (const button of navigator.clipboard ? all("[data-copy]") : []) {
  const words = button.querySelector("span");
  const before = words.textContent;
  button.addEventListener("click", async () => {
    const rows = all("li", named(button.dataset.copy));
    const text = (rows.length ? rows : [named(button.dataset.copy)]).map((row) => row.textContent.trim()).join("\n");
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      return;
    }
    words.textContent = button.dataset.done;
    setTimeout(() => (words.textContent = before), 2500);
  });
  button.hidden = false;
}

/* A form is sent once, however often it is pressed. When somebody comes back to the page, or when no answer came, it can
   be sent again. */
const AGAIN_AFTER = 10_000;
const sent = new Map();
const release = (form) => {
  clearTimeout(sent.get(form)?.timer);
  sent.get(form)?.by?.removeAttribute("aria-busy");
  sent.delete(form);
};
addEventListener("submit", (event) => {
  const form = event.target;
  if (sent.has(form)) return event.preventDefault();
  if (event.defaultPrevented) return undefined;
  const by = event.submitter;
  by?.setAttribute("aria-busy", "true");
  sent.set(form, { by, timer: setTimeout(() => release(form), AGAIN_AFTER) });
  return undefined;
});
addEventListener("pageshow", () => [...sent.keys()].forEach(release));
