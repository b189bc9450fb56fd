// What the console does better where scripts run: keys. `/` leads to the search, `g` and a letter to a section, `?` shows
// them. Everything works without: each key does what a link or a field of the page does.

const isTyped = (event) =>
  event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input,textarea,select,[contenteditable]");

const AWAITED = 1_500;
let goes = 0;

addEventListener("keydown", (event) => {
  if (event.defaultPrevented || isTyped(event)) return;
  const isSecond = event.timeStamp - goes < AWAITED;
  goes = 0;
  if (isSecond) {
    const link = document.querySelector(`[data-go="${CSS.escape(event.key)}"]`);
    if (link) {
      event.preventDefault();
      link.click();
    }
    return;
  }
  if (event.key === "g") goes = event.timeStamp;
  if (event.key === "/") {
    const fields = [...document.querySelectorAll("[data-slash],[type=search]")];
    const field = fields.find((one) => one.offsetParent !== null);
    if (field) {
      event.preventDefault();
      field.focus();
      field.select();
    }
  }
  if (event.key === "?") document.getElementById("keys")?.showModal();
});
