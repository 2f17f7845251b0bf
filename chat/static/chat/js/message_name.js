// The accessible name of a message that has the focus.

const LONGEST = 500; // characters of its text

export function messageName(row) {
  const words = visible(row.querySelector(".words"))?.innerText.trim() ?? "";
  const parts = [
    row.querySelector(".unfold")?.textContent,
    row.querySelector(".author").textContent,
    row.querySelector("time").textContent,
    words.length > LONGEST ? `${words.slice(0, LONGEST)}…` : words,
    visible(row.querySelector(".edited"))?.textContent,
    visible(row.querySelector(".tombstone"))?.firstElementChild.textContent,
  ];
  return (row.matches(".folds") ? parts.slice(0, 1) : parts).filter(Boolean).join(", ");
}

function visible(element) {
  return element?.getClientRects().length ? element : null;
}
