// Forms: a counter on fields with a minimum length, and one send per press.
// The server's idempotency key is what really stops a second effect.
import { enhance } from "./dom.js";

function count(field) {
  const out = document.getElementById(`${field.id}-count`);
  if (!out) return;
  const have = [...field.value.trim()].length;
  const want = Number(field.minLength);
  out.textContent = have >= want ? `${have} characters` : `${have} of at least ${want} characters`;
  out.dataset.enough = String(have >= want);
}

enhance("textarea[minlength]", count);
document.addEventListener("input", (event) => {
  if (event.target instanceof HTMLTextAreaElement && event.target.minLength > 0) count(event.target);
});

const busy = new WeakSet();
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!(form instanceof HTMLFormElement) || form.method !== "post") return;
  if (busy.has(form)) {
    event.preventDefault();
    return;
  }
  busy.add(form);
  setTimeout(() => busy.delete(form), 4000);
});
window.addEventListener("pageshow", (event) => {
  if (event.persisted) document.querySelectorAll("form").forEach((f) => busy.delete(f));
});
