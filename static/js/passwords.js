// How long a new password is already. Whether it is a good one the server says: length is all a script can tell.
const GOOD_FROM = 16;
const PAUSE = 300;

export function countPasswords() {
  for (const line of document.querySelectorAll("[data-length-of]")) {
    const input = document.getElementById(line.dataset.lengthOf);
    if (!input) continue;
    const shortest = Number(line.dataset.shortest);
    let timer;
    const say = () => {
      // As the server counts: a character outside the basic plane is one, not two.
      const length = [...input.value].length;
      line.hidden = length === 0;
      if (length < shortest) line.textContent = line.dataset.short.replace("{left}", shortest - length);
      else line.textContent = length < GOOD_FROM ? line.dataset.enough : line.dataset.long;
    };
    input.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(say, PAUSE);
    });
  }
}
