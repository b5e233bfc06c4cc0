// Copy buttons: <button data-copy="text" hidden>. They are hidden until this
// module runs, since without it they could do nothing.
import { enhance, say } from "./dom.js";

enhance("[data-copy][hidden]", (b) => { b.hidden = false; });
enhance("[data-print][hidden]", (b) => { b.hidden = false; });

document.addEventListener("click", async (event) => {
  const target = event.target instanceof Element ? event.target : null;
  if (target?.closest("[data-print]")) {
    window.print();
    return;
  }
  const b = target?.closest("[data-copy]");
  if (!b) return;
  event.preventDefault();
  const text = b.dataset.copy.startsWith("/") ? location.origin + b.dataset.copy : b.dataset.copy;
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    say("Your browser did not allow copying. Select the text and copy it by hand.");
    return;
  }
  b.dataset.copied = "1";
  say("Copied.");
  setTimeout(() => { delete b.dataset.copied; }, 1600);
});
