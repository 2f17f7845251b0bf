// The list of rooms, in the lobby and beside a room. It follows the `room` events of the page's socket.

import { showAgo } from './page.js';
import { tab } from './tab.js';

const MAX_COUNT = 99;
const MAX_WATCHED = 100; // rooms in one `watch` command; chat/frames/protocol.py

const list = document.querySelector("[data-rooms]");
const direct = document.querySelector("[data-direct]"); // the list of direct conversations
const empty = document.querySelector("[data-no-rooms]");
const template = document.querySelector('[data-template="room"]'); // missing where new rooms are not shown
const rows = new Map([...list.children, ...(direct?.children ?? [])].map((row) => [row.dataset.slug, row]));
const newest = list.dataset.newest ? Number(list.dataset.newest) : null;

showTotals();

// The command that asks for the events of these rooms. Send it after each `welcome`.
export const watch = () => ({ type: "watch", rooms: [...rows.keys()].slice(0, MAX_WATCHED), newest });

// Show a `room` event. One of an open room itself may have no counts.
export function showInList(room) {
  let row = rows.get(room.slug) ?? rows.get(room.former);
  if (room.gone) {
    row?.remove();
    rows.delete(room.slug);
  } else {
    if (!row && template) {
      row = template.content.firstElementChild.cloneNode(true);
      (room.kind === "direct" ? direct : list).prepend(row);
    }
    if (row) {
      rows.delete(room.former);
      rows.set(room.slug, row);
      fill(row, room);
    }
  }
  if ("head" in room) import('./notifier.js').then(({ follow }) => follow(room), () => {}); // offline
  if (empty) empty.hidden = rows.size > 0;
  showTotals();
}

// Unread messages and mentions of all listed rooms, in the links to the mentions and in the tab. The page of a room
// counts its own messages itself.
function showTotals() {
  const number = (row, name) => parseInt(row.querySelector(`${name}:not([hidden]) .count`)?.textContent ?? 0, 10);
  const sum = (list, name) => list.reduce((total, row) => total + number(row, name), 0);
  const all = [...rows.values()];
  const others = all.filter((row) => !row.classList.contains("here"));
  const total = sum(all, ".mention-count");
  for (const element of document.querySelectorAll("[data-mentions-total]")) count(element, total);
  tab.count("rooms", { unread: sum(others, ".unread-count"), mentions: sum(others, ".mention-count") });
}

function fill(row, room) {
  const part = (name) => row.querySelector(name);
  row.dataset.slug = room.slug;
  part("a").href = `/rooms/${encodeURIComponent(room.slug)}/`;
  if (room.name) part(".room-name bdi").textContent = room.name;
  part(".room-topic").textContent = room.topic;
  part(".lock").toggleAttribute("hidden", room.kind !== "private");
  if (room.unread === undefined) return;
  count(part(".room-people"), room.people);
  const isMuted = room.notify === "nothing";
  const [unread, mentions] = isMuted ? [0, 0] : [room.unread, room.mentions];
  count(part(".unread-count"), unread);
  count(part(".mention-count"), mentions);
  row.classList.toggle("muted", isMuted);
  row.classList.toggle("unread", unread > 0);
  row.classList.toggle("mentioned", mentions > 0);
  if (!room.last_at) return;
  const time = part(".room-last");
  time.dateTime = room.last_at;
  showAgo([time]);
}

function count(element, number) {
  element.hidden = !number;
  element.querySelector(".count").textContent = number > MAX_COUNT ? `${MAX_COUNT}+` : number;
}
