// Live updates of the room list: in the lobby, and beside a room on wide screens.

import { showAgo } from './page.js';
import { connect } from './socket.js';
import { storage } from './storage.js';
import { tab } from './tab.js';

const MAX_COUNT = 99;
const MAX_WATCHED = 100; // rooms in one `watch` command; chat/frames.py

const list = document.querySelector("[data-rooms]");
const empty = document.querySelector("[data-no-rooms]");
const template = document.querySelector('[data-template="room"]'); // missing where new rooms are not shown
const state = document.querySelector("[data-lobby-state]");
const rows = new Map([...list.children].map((row) => [row.dataset.slug, row]));

const connection = connect("/ws/lobby/", {
  hello: () => ({ since: null, epoch: null }),
  onEvents: (events) => events.forEach((event) => handlers[event.type]?.(event)),
  onState: () => setTimeout(showState, 1_500),
});

const handlers = {
  welcome() {
    const newest = template ? Number(list.dataset.newest) : null;
    connection.send({ type: "watch", rooms: [...rows.keys()].slice(0, MAX_WATCHED), newest });
  },
  room: show,
};
const newest = new Map(); // slug → [unread, mentions], as the server sent them

// Connect only where the list is visible, not beside a room on a small screen. A tab in the background stays connected,
// for its title and icon, until another tab of the browser takes over. The others show the counts of that tab.
function connectIfVisible() {
  if (document.hidden || !list.checkVisibility()) return;
  share("lobby:active", `${Date.now()}`);
  if (connection.state === "idle") connection.start();
}

addEventListener("storage", ({ key, newValue }) => {
  if (!document.hidden || !newValue) return;
  if (key === "lobby:active") connection.stop();
  if (key === "lobby:counts" && connection.state === "idle") showCounts(JSON.parse(newValue));
});
document.addEventListener("visibilitychange", connectIfVisible);
connectIfVisible();
showTotals();

function share(key, value) {
  try {
    storage?.setItem(key, value);
  } catch {
    // Storage is full or forbidden: each tab has its own connection.
  }
}

function showCounts(counts) {
  for (const [slug, [unread, mentions]] of Object.entries(counts)) {
    const row = rows.get(slug);
    if (row) fillCounts(row, { unread, mentions });
  }
  showTotals();
}

function show(room) {
  document.dispatchEvent(new CustomEvent("obrolan:room", { detail: room })); // for an open room's page
  let row = rows.get(room.slug) ?? rows.get(room.former);
  if (room.gone) {
    row?.remove();
    rows.delete(room.slug);
  } else {
    if (!row && template) {
      row = list.insertBefore(template.content.firstElementChild.cloneNode(true), list.firstElementChild);
    }
    if (row) {
      rows.delete(room.former);
      rows.set(room.slug, row);
      fill(row, room);
      if (room.unread !== undefined) newest.set(room.slug, [room.unread, room.mentions ?? 0]);
    }
  }
  if (empty) empty.hidden = rows.size > 0;
  showTotals();
  share("lobby:counts", JSON.stringify(Object.fromEntries(newest)));
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
  part(".room-name bdi").textContent = room.name;
  part(".room-topic").textContent = room.topic;
  part(".lock").toggleAttribute("hidden", room.kind !== "private");
  if (room.people !== undefined) count(part(".room-people"), room.people);
  if (room.unread !== undefined) fillCounts(row, room);
  if (room.last_at) {
    const time = part(".room-last");
    time.dateTime = room.last_at;
    showAgo([time]);
  }
}

function fillCounts(row, { unread, mentions = 0 }) {
  count(row.querySelector(".unread-count"), unread);
  count(row.querySelector(".mention-count"), mentions);
  row.classList.toggle("unread", unread > 0);
  row.classList.toggle("mentioned", mentions > 0);
}

function count(element, number) {
  element.hidden = !number;
  element.querySelector(".count").textContent = number > MAX_COUNT ? `${MAX_COUNT}+` : number;
}

function showState() {
  if (!state) return;
  const lost = connection.state !== "open" && connection.state !== "idle";
  state.hidden = !lost;
  state.textContent = navigator.onLine
    ? "The connection was lost. Reconnecting. This list may be out of date."
    : "You are offline. This list may be out of date.";
}
