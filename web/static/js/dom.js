// Small helpers that the other modules share.

// typing says whether keys belong to a field at the moment.
export function typing(event) {
  const t = event.target;
  return t instanceof Element &&
    (t.closest("input, textarea, select, [contenteditable]") !== null);
}

// plain says whether no modifier is held (shift is allowed: "?" needs it).
export function plain(event) {
  return !event.ctrlKey && !event.metaKey && !event.altKey && !event.isComposing;
}

// enhance runs fn on every matching element, now and after each htmx swap.
export function enhance(selector, fn) {
  const run = () => document.querySelectorAll(selector).forEach(fn);
  run();
  document.addEventListener("htmx:after:swap", run);
  document.addEventListener("vouchsafe:shown", run);
}

// say puts a sentence into the page's polite live region.
export function say(text) {
  const region = document.getElementById("say");
  if (region) region.textContent = text;
}
