// Loaded on every page: stores the browser's time zone in a cookie, and updates relative times.

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
