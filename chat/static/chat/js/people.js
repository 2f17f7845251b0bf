// Shows the people who are present in the room, or some of a crowd.

import { fillAvatar, showMe } from './avatars.js';
import { leadTo } from './row.js';

const WIDE = "(width >= 900px)"; // css/sidebars.css
const YEAR = 31_536_000; // seconds

const template = document.querySelector('[data-template="person"]');
const list = document.querySelector("[data-people]");
const more = document.querySelector("[data-more-people]");
const counts = document.querySelectorAll("[data-people-count]");

export function showPeople(people, me) {
  const rows = new Map([...list.children].map((row) => [row.dataset.id, row]));
  const listed = people.sorted();
  arrange(listed.map((user) => fill(rows.get(String(user.id)) ?? clone(), user, me)));
  more.hidden = !people.others;
  more.firstElementChild.textContent = `and ${people.others.toLocaleString("en")} more`;
  for (const count of counts) count.textContent = (listed.length + people.others).toLocaleString("en");
  showMe(me);
}

// On wide screens the list is a column that can be folded; on small screens it is a popover.
export function foldPeople(button) {
  button.addEventListener("click", (event) => {
    if (!matchMedia(WIDE).matches) return;
    event.preventDefault();
    const folded = document.body.classList.toggle("folded");
    document.cookie = `people=${folded ? "folded" : ""}; path=/; max-age=${folded ? YEAR : 0}; samesite=lax`;
  });
}

// Show these rows. Those that are in place stay in the document: a button in them keeps the focus.
function arrange(rows) {
  for (const gone of [...list.children].filter((row) => !rows.includes(row))) gone.remove();
  rows.forEach((row, place) => {
    if (list.children[place] !== row) list.insertBefore(row, list.children[place] ?? null);
  });
}

function fill(row, user, me) {
  row.dataset.id = user.id;
  fillAvatar(row.querySelector(".avatar"), user);
  const name = row.querySelector(".person-name");
  name.textContent = user.name;
  leadTo(name, user.id);
  name.classList.toggle("me", user.id === me.id);
  row.querySelector(".badge").hidden = !user.guest;
  return row;
}

function clone() {
  return template.content.firstElementChild.cloneNode(true);
}
