// What this session cost the data bundle. The server counts pages; this adds what pages pull in (and nothing cached).
const KEY = "data-used";

export function countData() {
  const places = document.querySelectorAll("[data-used]");
  if (!places.length || !performance.getEntriesByType) return;
  const served = Number(places[0].dataset.used);
  const before = read();
  // The server's count starts again with each sign-in, so a smaller one means a new session.
  const total = served < before.served ? { served, extra: 0 } : { served, extra: before.extra };
  const show = () => {
    const extra = performance.getEntriesByType("resource").reduce((sum, entry) => sum + entry.transferSize, 0);
    const page = performance.getEntriesByType("navigation")[0]?.transferSize ?? 0;
    sessionStorage.setItem(KEY, JSON.stringify({ served, extra: total.extra + extra }));
    for (const place of places) place.textContent = size(served + page + total.extra + extra);
  };
  if (document.readyState === "complete") show();
  else addEventListener("load", () => setTimeout(show));
}

function read() {
  try {
    return { served: 0, extra: 0, ...JSON.parse(sessionStorage.getItem(KEY)) };
  } catch {
    return { served: 0, extra: 0 };
  }
}

function size(bytes) {
  const kilobytes = Math.ceil(bytes / 1000);
  return kilobytes < 1000 ? `${kilobytes} KB` : `${(Math.ceil(kilobytes / 100) / 10).toFixed(1)} MB`;
}
