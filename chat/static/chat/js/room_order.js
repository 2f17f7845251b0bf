// The person's own order of the rooms beside a room: by a pointer, or by one place from the menu.

import { choose } from './room_choices.js';

const FIRST = "-"; // chat/views/mine.py

// Move a row up (-1) or down (1).
export function moveBy(row, step) {
  const before = placeOf(row);
  if (step < 0) row.previousElementSibling.before(row);
  else row.nextElementSibling.after(row);
  const name = row.querySelector(".room-name bdi").textContent;
  const place = [...row.parentElement.children].indexOf(row) + 1;
  row.querySelector(".room-more").focus({ preventScroll: true }); // a moved element loses the focus
  store(row, before, `${name} is number ${place} of ${row.parentElement.children.length}`);
}

// Follow a drag that has begun. Rooms stay under their heading.
export function drag(row) {
  const list = row.parentElement;
  const before = placeOf(row);
  const ended = new AbortController();
  const on = (target, type, act) => target.addEventListener(type, act, { signal: ended.signal });
  let isDropped = false;
  row.classList.add("dragged");
  on(list, "dragover", (event) => {
    event.preventDefault();
    const over = event.target.closest(".room-row");
    if (!over || over === row || over.parentElement !== list) return;
    const { top, height } = over.getBoundingClientRect();
    if (event.clientY < top + height / 2) over.before(row);
    else over.after(row);
  });
  on(list, "drop", (event) => {
    event.preventDefault();
    isDropped = true;
  });
  on(document, "dragend", () => {
    ended.abort();
    row.classList.remove("dragged");
    if (isDropped) store(row, before, "");
    else restore(row, before);
  });
}

const placeOf = (row) => ({ list: row.parentElement, next: row.nextElementSibling });

function restore(row, { list, next }) {
  list.insertBefore(row, next?.parentElement === list ? next : null);
}

async function store(row, before, done) {
  const after = row.previousElementSibling?.dataset.slug ?? FIRST;
  if (!(await choose(row.querySelector(".room-more").href, { after }, done))) restore(row, before);
}
