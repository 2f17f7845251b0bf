// The list of rooms, in the lobby and beside a room. It follows the `room` events of the page's socket.

import { hue, initials } from './avatars.js';
import { showAgo } from './page.js';
import { listenForGestures } from './room_gestures.js';
import { arrange, hideEmpty, sectionOf } from './room_sections.js';
import { tab } from './tab.js';

const MAX_COUNT = 99;
const MAX_WATCHED = 100; // rooms in one `watch` command; chat/frames/protocol.py

const root = document.querySelector("[data-rooms]");
const empty = document.querySelector("[data-no-rooms]");
const template = document.querySelector('[data-template="room"]'); // missing where new rooms are not shown
const rows = new Map([...root.querySelectorAll(".room-row")].map((row) => [row.dataset.slug, row]));
const newest = root.dataset.newest ? Number(root.dataset.newest) : null;

showTotals();
listenForGestures(root);

// The command that asks for the events of these rooms. Send it after each `welcome`.
export const watch = () => ({ type: "watch", rooms: [...rows.keys()].slice(0, MAX_WATCHED), newest });

// Show a `room` event. One of an open room itself may have no counts.
export function showInList(room) {
  let row = rows.get(room.slug) ?? rows.get(room.former);
  if (room.gone || hasLeft(room, row)) {
    row?.remove();
    rows.delete(room.slug);
  } else {
    const isNew = !row && template;
    if (isNew) {
      row = template.content.firstElementChild.cloneNode(true);
      sectionOf(root, room).querySelector("ul").prepend(row);
    }
    if (row) {
      rows.delete(room.former);
      rows.set(room.slug, row);
      if (fill(row, room) && !isNew) arrange(root);
    }
  }
  if ("head" in room) import('./notifier.js').then(({ follow }) => follow(room), () => {}); // offline
  hideEmpty(root);
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

function name(part, text) {
  part(".room-more").ariaLabel = `Options for ${text}`;
  part(".room-name bdi").textContent = text;
  part(".room-tile").className = `room-tile avatar hue-${hue(text)}`;
  part(".room-tile").textContent = Array.from(initials(text)).at(0) ?? "";
}

// The list beside a room has the person's own rooms, and the open one.
function hasLeft({ member }, row) {
  return member === false && root.dataset.rooms && !row?.classList.contains("here");
}

// Returns whether the person chose something else for the room, here or elsewhere: then the row moves to its place.
function fill(row, room) {
  const part = (name) => row.querySelector(name);
  const address = `/rooms/${encodeURIComponent(room.slug)}/`;
  row.dataset.slug = room.slug;
  row.dataset.kind = room.kind;
  part(".room-link").href = address;
  part(".room-more").href = `${address}mine/`;
  if (room.name) name(part, room.name); // a direct conversation has a name only in some events
  part(".room-topic").textContent = room.topic;
  part(".lock").toggleAttribute("hidden", room.kind !== "private");
  if (room.unread === undefined) return false;
  const muted = room.notify === "nothing";
  const { unread, mentions } = muted ? { unread: 0, mentions: 0 } : room;
  count(part(".room-people"), room.people);
  count(part(".unread-count"), unread);
  count(part(".mention-count"), mentions);
  row.classList.toggle("unread", unread > 0);
  row.classList.toggle("mentioned", mentions > 0);
  preview(part, room.last);
  if (room.last_at) {
    const time = part(".room-last");
    time.dateTime = room.last_at;
    showAgo([time]);
  }
  return showOwn(row, part, room, muted);
}

// The latest message takes the place of the topic.
function preview(part, last) {
  part(".room-last-message").hidden = !last;
  part(".room-topic").hidden = Boolean(last);
  part(".room-last-message bdi").textContent = last?.author.name ?? "";
  part(".room-last-message > span").textContent = last?.text ?? "";
}

function showOwn(row, part, { member, favourite, position, notify = "", archived }, muted) {
  const own = `${member ? 1 : 0} ${favourite ? 1 : 0} ${position ?? 0} ${notify}`;
  const isArchived = Boolean(archived);
  if (row.dataset.own === own && row.classList.contains("archived") === isArchived) return false;
  row.dataset.own = own;
  row.classList.toggle("muted", muted);
  row.classList.toggle("archived", isArchived);
  part(".room-more").hidden = !member;
  part(".archived-badge").hidden = !isArchived;
  part(".star").toggleAttribute("hidden", !favourite);
  part(".muted-icon").toggleAttribute("hidden", !muted);
  return true;
}

function count(element, number) {
  element.hidden = !number;
  element.querySelector(".count").textContent = number > MAX_COUNT ? `${MAX_COUNT}+` : number;
}
