// On every page: tell the server the browser's time zone, and keep relative times up to date.

import { ago } from './times.js';

const YEAR = 31_536_000; // seconds
const EVERY = 30_000; // milliseconds

const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
if (zone) document.cookie = `zone=${zone}; path=/; max-age=${YEAR}; samesite=lax`;

export function showAgo() {
  for (const time of document.querySelectorAll("time[data-ago][datetime]")) {
    const words = ago(new Date(time.dateTime), new Date());
    if (time.textContent !== words) time.textContent = words;
  }
}

showAgo();
setInterval(showAgo, EVERY);
