// Live updates of the room list: in the lobby, and beside a room on wide screens.

import { showAgo } from './page.js';
import { connect } from './socket.js';

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

// Connect only while the list is visible: not in a background tab, and not beside a room on a small screen.
function connectWhileVisible() {
  if (document.hidden) connection.stop();
  else if (connection.state === "idle" && list.checkVisibility()) connection.start();
}

document.addEventListener("visibilitychange", connectWhileVisible);
connectWhileVisible();

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
    }
  }
  if (empty) empty.hidden = rows.size > 0;
}

function fill(row, room) {
  const part = (name) => row.querySelector(name);
  row.dataset.slug = room.slug;
  part("a").href = `/rooms/${encodeURIComponent(room.slug)}/`;
  part(".room-name bdi").textContent = room.name;
  part(".room-topic").textContent = room.topic;
  part(".lock").toggleAttribute("hidden", room.kind !== "private");
  if (room.people !== undefined) count(part(".room-people"), room.people);
  if (room.unread !== undefined) {
    count(part(".unread-count"), room.unread);
    row.classList.toggle("unread", room.unread > 0);
  }
  if (room.last_at) {
    const time = part(".room-last");
    time.dateTime = room.last_at;
    showAgo([time]);
  }
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
