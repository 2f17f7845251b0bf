// The chips below a message: a toggle button for each emoji, in the order of the first reactions.

// What the chips show: the reactions of a message, as they will be after the commands { emoji, on } of `me` that are
// on their way. Returns [{ emoji, count, own, pending }].
export function shownReactions(reactions, waiting, me) {
  const shown = new Map();
  for (const [emoji, people] of Object.entries(reactions)) {
    shown.set(emoji, { emoji, count: people.length, own: people.includes(me), pending: false });
  }
  for (const { emoji, on } of waiting) {
    const chip = shown.get(emoji) ?? { emoji, count: 0, own: false };
    if (chip.own === on) continue;
    shown.set(emoji, { emoji, count: chip.count + (on ? 1 : -1), own: on, pending: true });
  }
  return [...shown.values()].filter((chip) => chip.count);
}

// Change the chips one by one: a chip that stays keeps the focus.
export function fillChips(box, chips) {
  const list = box.querySelector("ul");
  const before = [...list.children];
  const focused = before.findIndex((item) => item.contains(document.activeElement));
  const known = new Map(before.map((item) => [item.dataset.emoji, item]));
  const items = chips.map((chip) => fillChip(known.get(chip.emoji) ?? newChip(chip.emoji), chip));
  for (const item of before) if (!items.includes(item)) item.remove();
  items.forEach((item, index) => list.children[index] === item || list.insertBefore(item, list.children[index] ?? null));
  box.hidden = !items.length;
  if (focused >= 0 && !list.contains(document.activeElement)) {
    (items[Math.min(focused, items.length - 1)]?.firstElementChild ?? box.closest(".message"))?.focus();
  }
}

function newChip(emoji) {
  const item = document.createElement("li");
  const button = document.createElement("button");
  const count = document.createElement("span");
  item.dataset.emoji = emoji;
  button.type = "button";
  button.className = "reaction";
  count.className = "count";
  button.append(`${emoji} `, count);
  item.append(button);
  return item;
}

function fillChip(item, { count, own, pending }) {
  const button = item.firstElementChild;
  button.setAttribute("aria-pressed", own);
  button.classList.toggle("pending", pending);
  button.querySelector(".count").textContent = count;
  return item;
}
