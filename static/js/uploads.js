// Shows what was chosen, with sizes, before it is sent. The server judges every file itself.
export function showChosenFiles() {
  for (const words of document.querySelectorAll("[data-files-words]")) {
    const form = words.closest("form");
    const list = form.querySelector(".chosen");
    const show = () => {
      const files = [...form.querySelectorAll("[data-files]")].flatMap((input) => [...input.files]);
      const total = files.reduce((sum, file) => sum + file.size, 0);
      const lines = files.map((file) => line(`${file.name}, ${size(file.size)}`));
      if (files.length > 1) lines.push(line(`${words.dataset.total}: ${size(total)}`));
      if (total > Number(words.dataset.limit)) lines.push(line(words.dataset.over, "over"));
      list.replaceChildren(...lines);
      list.hidden = !files.length;
    };
    form.addEventListener("change", show);
    addEventListener("pageshow", show);
  }
}

function line(text, className = "") {
  const item = document.createElement("li");
  item.textContent = text;
  item.className = className;
  return item;
}

function size(bytes) {
  const kilobytes = Math.ceil(bytes / 1000);
  return kilobytes < 1000 ? `${kilobytes} KB` : `${(Math.ceil(kilobytes / 100) / 10).toFixed(1)} MB`;
}
