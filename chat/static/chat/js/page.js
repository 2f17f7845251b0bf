// On every page: tell the server the browser's time zone, and keep relative times up to date.

import { ago } from './times.js';

const YEAR = 31_536_000; // seconds
const EVERY = 30_000; // milliseconds

const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
if (zone) document.cookie = `zone=${zone}; path=/; max-age=${YEAR}; samesite=lax`;

export function showAgo(times = document.querySelectorAll("time[data-ago][datetime]")) {
  for (const time of times) {
    const words = ago(new Date(time.dateTime), new Date());
    if (time.textContent !== words) time.textContent = words;
  }
}

showAgo();
setInterval(() => showAgo(), EVERY);
