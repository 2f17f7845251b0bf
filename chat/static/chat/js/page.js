// Loaded on every page: stores the browser's time zone in a cookie, updates relative times, and opens the switcher.

import { ago } from './times.js';

const YEAR = 31_536_000; // seconds
const UPDATE_EVERY = 30_000; // milliseconds

const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
if (zone) document.cookie = `zone=${zone}; path=/; max-age=${YEAR}; samesite=lax`;

export function showAgo(times = document.querySelectorAll("time[data-ago][datetime]")) {
  for (const time of times) {
    const text = ago(new Date(time.dateTime), new Date());
    if (time.textContent !== text) time.textContent = text;
  }
}

showAgo();
setInterval(() => showAgo(), UPDATE_EVERY);

addEventListener("click", (event) => event.target.closest("[data-switch]") && openSwitcher(event));
addEventListener("keydown", (event) => event.key === "k" && (event.ctrlKey || event.metaKey) && openSwitcher(event));

function openSwitcher(event) {
  const link = document.querySelector("[data-switch]"); // on pages of people who are logged in
  if (!link || event.shiftKey || event.altKey) return;
  event.preventDefault();
  import('./switcher.js').then(
    ({ open }) => open(),
    () => location.assign(link), // offline
  );
}
