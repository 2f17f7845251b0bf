// The list of rooms, live: in the lobby, and beside a talk where there is room for it.

import { showAgo } from './page.js';
import { connect } from './socket.js';

const MOST = 99;
const WATCHED = 100; // rooms that the server takes in one list; frames.py

const list = document.querySelector("[data-rooms]");
const empty = document.querySelector("[data-no-rooms]");
const template = document.querySelector('[data-template="room"]'); // only where new rooms are shown
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
    connection.send({ type: "watch", rooms: [...rows.keys()].slice(0, WATCHED), newest });
  },
  room: show,
};

// Only where somebody sees the list: not beside a talk on a small screen, nor in a tab behind others.
function attend() {
  if (document.hidden) connection.stop();
  else if (connection.state === "idle" && list.checkVisibility()) connection.start();
}

document.addEventListener("visibilitychange", attend);
attend();

function show(room) {
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
  element.querySelector(".count").textContent = number > MOST ? `${MOST}+` : number;
}

function showState() {
  if (!state) return;
  const lost = connection.state !== "open" && connection.state !== "idle";
  state.hidden = !lost;
  state.textContent = navigator.onLine
    ? "The connection is lost. What you see may be old; trying again."
    : "You are offline. What you see may be old.";
}
