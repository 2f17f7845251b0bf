// Shows the message that the address names, after back or forward, in the middle of the page and highlighted.
// Messages that are not on the page are loaded.

// The user went back or forward between the room and the permalinks of its messages. A skip link changes the fragment
// only.
export function follow(room, place) {
  if (location.pathname === place.path) return;
  place.path = location.pathname;
  const seq = linkedMessage(place.path, place.address);
  if (seq) showMessage(seq, room);
  else room.toLatest();
}

// `address`: of the room. Returns the number of the message that `path` names, or null.
function linkedMessage(path, address) {
  const [, seq] = path.startsWith(address) ? (path.slice(address.length).match(/^(\d+)\/$/) ?? []) : [];
  return seq ? Number(seq) : null;
}

async function showMessage(seq, { pager, messageList, scroller }) {
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
