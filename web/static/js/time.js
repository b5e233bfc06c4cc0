// Keeps relative times fresh. The page says what the server's clock read when
// it was rendered (data-now on <html>, in milliseconds); business time may
// differ from this machine's, so only the time passed since is measured here.
const root = document.documentElement;
const rendered = Number(root.dataset.now || 0);
const started = performance.now();

// ago must say the same as ui.Ago in Go.
function ago(ms) {
  const s = Math.floor(Math.abs(ms) / 1000);
  const text =
    s < 60 ? `${s}s` :
    s < 3600 ? `${Math.floor(s / 60)}m` :
    s < 86400 ? `${Math.floor(s / 3600)}h` :
    s < 86400 * 60 ? `${Math.floor(s / 86400)}d` :
    s < 86400 * 730 ? `${Math.floor(s / (86400 * 30))}mo` :
    `${Math.floor(s / (86400 * 365))}y`;
  return ms < 0 ? `in ${text}` : text;
}

function refresh() {
  const now = rendered + (performance.now() - started);
  for (const e of document.querySelectorAll("[data-ago]")) {
    const t = ago(now - Number(e.dataset.ago));
    const text = e.dataset.agoForm === "long" && !t.startsWith("in ") ? `${t} ago` : t;
    if (e.textContent !== text) e.textContent = text;
  }
}

if (rendered > 0) {
  setInterval(refresh, 15000);
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) refresh();
  });
}

// Hovering shows the viewer's own time beside UTC.
document.addEventListener("pointerover", (event) => {
  const t = event.target instanceof Element ? event.target.closest("time[datetime]") : null;
  if (!t || t.dataset.local) return;
  t.dataset.local = "1";
  const local = new Date(t.dateTime).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "long" });
  t.title = `${t.title}\nYour time: ${local}`.trim();
});
