// The parts of a list of rooms and the order in them, as in views/room_sides.py.

// The person's own settings for the room of a row: `data-own` of templates/_room.html.
export function ownOf(row) {
  const [member, favourite, position, notify] = row.dataset.own.split(" ");
  return { member: member === "1", favourite: favourite === "1", position: Number(position), notify };
}

// The section of a `room` event, or of a row's state like one. Beside a room, all rooms are the person's own.
export function sectionOf(root, { kind, archived, notify, favourite, member }) {
  const names = [
    (archived || notify === "nothing") && "apart",
    favourite && "favourites",
    kind === "direct" && "direct",
    member && "mine",
    "others",
    "mine",
  ];
  const found = names.filter(Boolean).map((name) => root.querySelector(`[data-section="${name}"]`));
  return found.find(Boolean);
}

export function hideEmpty(root) {
  for (const section of root.querySelectorAll("[data-section]")) {
    section.hidden = section.dataset.stays === undefined && !section.querySelector("ul").firstElementChild;
  }
}

let waits = false;

// Put every row into its section and its place there, once for all changes that arrived together. Rows without a place
// of their own are ordered by activity then, and stay where they are while messages arrive.
export function arrange(root) {
  if (waits) return;
  waits = true;
  queueMicrotask(() => {
    waits = false;
    const focused = root.contains(document.activeElement) ? document.activeElement : null;
    const sections = new Map([...root.querySelectorAll("[data-section]")].map((section) => [section, []]));
    for (const row of root.querySelectorAll(".room-row")) {
      const state = { ...ownOf(row), kind: row.dataset.kind, archived: row.classList.contains("archived") };
      sections.get(sectionOf(root, state)).push(row);
    }
    for (const [section, rows] of sections) show(section.querySelector("ul"), rows.toSorted(compare));
    hideEmpty(root);
    if (focused !== document.activeElement) focused?.focus();
  });
}

function show(list, rows) {
  rows.forEach((row, place) => {
    if (list.children[place] !== row) list.insertBefore(row, list.children[place] ?? null);
  });
}

function compare(one, other) {
  const [a, b] = [rank(one), rank(other)];
  return a.archived - b.archived || a.muted - b.muted || a.position - b.position || b.at - a.at;
}

function rank(row) {
  const { position, notify } = ownOf(row);
  const at = Date.parse(row.querySelector(".room-last").dateTime) || 0;
  return { archived: row.classList.contains("archived"), muted: notify === "nothing", position, at };
}
