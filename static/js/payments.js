// Filling in a payment, and watching one on its way. Everything here also works without it.

// The network of a number by its first digits, said in the list, until somebody chooses for themselves.
export function guessNetwork() {
  const list = document.querySelector("select[data-prefixes]");
  const phone = document.querySelector("input[name=phone]");
  if (!list || !phone) return;
  const wallets = new Map(list.dataset.prefixes.split(" ").map((pair) => pair.split(":")));
  const words = list.options[0].textContent;
  const guess = () => {
    const digits = phone.value.replace(/[^0-9]/g, "").replace(/^(254|0)/, "");
    const wallet = digits.length >= 3 ? wallets.get(digits.slice(0, 3)) : undefined;
    const option = [...list.options].find((one) => one.value && one.value === wallet);
    list.options[0].textContent = option ? `${words}: ${option.textContent}` : words;
  };
  phone.addEventListener("input", guess);
  guess();
}

// "Use my own number": fills the field and keeps what else was typed; without this it is a link.
export function fillWithOne() {
  for (const link of document.querySelectorAll("[data-fill]")) {
    link.addEventListener("click", (event) => {
      const input = document.getElementById(link.dataset.fill);
      if (!input) return;
      event.preventDefault();
      input.value = link.dataset.value;
      input.dispatchEvent(new Event("input", { bubbles: true }));
      input.focus();
    });
  }
}

// Asks ever more rarely whether anything is new, for ten minutes at most, and only while somebody looks.
const FIRST = 3000;
const SLOWEST = 20000;
const LONGEST = 600000;

export function watchPayment() {
  const life = document.querySelector("[data-watch]");
  if (!life) return;
  const began = Date.now();
  let pause = FIRST;
  const again = () => {
    pause = Math.min(pause * 1.4, SLOWEST);
    if (Date.now() - began < LONGEST) setTimeout(look, pause);
  };
  const look = async () => {
    if (document.hidden) return again();
    const answer = await fetch(life.dataset.watch, { headers: { Accept: "application/json" } }).catch(() => null);
    if (!answer?.ok) return again();
    const { stamp } = await answer.json();
    if (stamp === life.dataset.stamp) return again();
    location.reload();
  };
  setTimeout(look, pause);
}
