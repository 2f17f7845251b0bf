// Shows the message that the address names, after back or forward, in the middle of the page and highlighted.
// Messages that are not on the page are loaded.

// `address`: of the room. Returns the number of the message that `path` names, or null.
export function linkedMessage(path, address) {
  const [, seq] = path.startsWith(address) ? (path.slice(address.length).match(/^(\d+)\/$/) ?? []) : [];
  return seq ? Number(seq) : null;
}

export async function showMessage(seq, { pager, messageList, scroller }) {
  removeHighlight();
  if (!messageList.rows.has(seq)) await pager.around(seq);
  const row = messageList.rows.get(seq);
  if (!row) return;
  row.classList.add("target");
  row.setAttribute("aria-current", "true");
  row.tabIndex = -1;
  scroller.show(row, 0.5);
  row.focus({ preventScroll: true });
}

export function removeHighlight() {
  for (const row of document.querySelectorAll(".message.target")) {
    row.classList.remove("target");
    row.removeAttribute("aria-current");
  }
}
