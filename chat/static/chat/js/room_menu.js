// The menu of a room in a list: favourite, notifications, order, leave. Loaded when one is opened first.

import { PopupMenu } from './popup_menu.js';
import { choose } from './room_choices.js';
import { moveBy } from './room_order.js';
import { ownOf } from './room_sections.js';

const template = (name) => document.querySelector(`[data-template="room-${name}"]`);
const iconNamed = (name) => template("icons").content.querySelector(`[data-icon="${name}"]`).firstElementChild;
const icon = (name) => iconNamed(name).cloneNode(true);
let popup = null;

export function openMenu(row, root) {
  popup ??= new PopupMenu({ template, icon });
  if (popup.dialog.open) return; // a long press and the browser's menu event
  const entries = entriesFor(row, root);
  const opener = document.activeElement;
  const more = row.querySelector(".room-more");
  const back = () => (row.contains(opener) ? opener : more).focus({ preventScroll: true });
  popup.menu.ariaLabel = more.ariaLabel;
  popup.open(entries, {
    anchor: more.getClientRects().length ? more : row,
    onCancel: back,
    onChoose: (entry) => {
      back();
      entry.act();
    },
  });
  entries.forEach(({ checked }, place) => {
    if (checked === undefined) return;
    popup.menu.children[place].role = "menuitemradio";
    popup.menu.children[place].ariaChecked = checked;
  });
}

function entriesFor(row, root) {
  const more = row.querySelector(".room-more");
  const name = row.querySelector(".room-name bdi").textContent;
  const { favourite, notify } = ownOf(row);
  const level = notify || (row.dataset.kind === "direct" ? "all" : "mentions");
  const muted = level === "nothing";
  const set = (fields, done) => () => choose(more.href, fields, done);
  const radio = (value, label) => ({
    label,
    icon: level === value ? "chosen" : "bell",
    checked: level === value,
    act: set({ notify: value }, `${name}: ${label}`),
  });
  const go = (page) => () => location.assign(new URL(`../${page}/`, more.href));
  const entries = [
    {
      label: favourite ? "Remove from favourites" : "Add to favourites",
      icon: "star",
      act: set({ favourite: favourite ? 0 : 1 }, `${name} was ${favourite ? "removed from" : "added to"} favourites`),
    },
    radio("all", "Notify me of all messages"),
    radio("mentions", "Notify me of mentions"),
    muted
      ? { label: "Unmute", icon: "bell", act: set({ notify: "" }, `${name} is no longer muted`) }
      : { label: "Mute", icon: "mute", act: set({ notify: "nothing" }, `${name} is muted`) },
    ...(root.dataset.rooms ? orderEntries(row, root, more) : []),
    { label: "Room details", icon: "details", act: go("about") },
    row.dataset.kind !== "direct" && { label: "Leave…", icon: "leave", danger: true, act: go("leave") },
  ];
  return entries.filter(Boolean);
}

// In the list beside a room only: the lobby is ordered by activity.
function orderEntries(row, root, more) {
  const isPlaced = [...root.querySelectorAll(".room-row")].some((each) => ownOf(each).position);
  return [
    row.previousElementSibling && { label: "Move up", icon: "up", act: () => moveBy(row, -1) },
    row.nextElementSibling && { label: "Move down", icon: "down", act: () => moveBy(row, 1) },
    isPlaced && { label: "Order all by activity", icon: "order", act: () => choose(more.href, { by_activity: 1 }) },
  ].filter(Boolean);
}
