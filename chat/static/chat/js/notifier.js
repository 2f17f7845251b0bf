// Notifications and sounds from open pages. It follows the `room` events of the page's list of rooms.

import { device } from './device.js';
import { isQuiet, newestFor, Notices } from './notices_due.js';

const SETTINGS = "/accounts/notifications/";
const ICON = "/static/chat/icon-192.png";
const WAIT = 2_500; // milliseconds, in which another page or device stores that the message was read
const FRESH = 30_000; // milliseconds for which the settings count
const LATEST = 20; // messages among which the newest one that notifies is looked for
const TEXT_LENGTH = 200; // characters shown

const notices = new Notices();
const waiting = new Map(); // slug → timer
let settings = null;

if (device.isOn) current().then(({ push_key: key, subscribed }) => device.renew(key, subscribed)).catch(() => {});

// `room`: an event with counts.
export function follow(room) {
  if (!notices.hasNews(room) || isInView(room)) return;
  clearTimeout(waiting.get(room.slug));
  waiting.set(room.slug, setTimeout(() => tell(room).catch(() => {}), WAIT)); // offline: the push tells it
}

function isInView({ slug }) {
  return document.hasFocus() && location.pathname.startsWith(addressOf(slug));
}

const addressOf = (slug) => `/rooms/${encodeURIComponent(slug)}/`;

async function tell(room) {
  waiting.delete(room.slug);
  if (!notices.isUnread(room)) return;
  const { sound, quiet, zone, me, ignored, push_key: key } = await current();
  if (device.mayHint) {
    const { showHint } = await import('./notification_hint.js');
    showHint(key);
  }
  if (!device.isOn || isQuiet(quiet, zone)) return;
  await once(room, async (told) => {
    const read = room.unread_from ? room.unread_from - 1 : 0;
    const message = await newest(room, me, ignored, Math.max(told, read));
    if (!message) return;
    await show(room, message);
    if (sound) (await import('./tone.js')).play();
  });
}

async function current() {
  if (!settings || Date.now() - settings.at > FRESH) settings = { ...(await load(SETTINGS)), at: Date.now() };
  return settings;
}

async function load(url) {
  const answer = await fetch(url, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(`${answer.status}`);
  return answer.json();
}

// One of several tabs notifies: each takes the lock, and looks whether another one did.
function once({ slug, head }, act) {
  const key = `notified:${slug}`;
  return navigator.locks.request(key, async () => {
    const told = Number(localStorage.getItem(key));
    if (told >= head) return;
    localStorage.setItem(key, head);
    await act(told);
  });
}

async function newest({ slug, notify, kind }, me, ignored, after) {
  const { messages } = await load(`${addressOf(slug)}messages/?limit=${LATEST}`);
  return newestFor(messages, me, notify === "all" || kind === "direct", ignored, after);
}

// A push about the same message, which arrives later, does not notify again: sw.js.
async function show(room, { seq, author, text, mentions = {} }) {
  await navigator.serviceWorker.register("/sw.js");
  const registration = await navigator.serviceWorker.ready;
  const words = text.replace(/<@(\w+)>/g, (all, id) => `@${id === "all" ? id : (mentions[id] ?? "unknown")}`);
  await registration.showNotification(room.kind === "direct" ? author.name : room.name, {
    body: `${author.name}: ${words.slice(0, TEXT_LENGTH)}`,
    tag: `room ${room.slug}`,
    renotify: true,
    silent: true, // tone.js plays the sound
    icon: ICON,
    data: { url: `${addressOf(room.slug)}${seq}/`, seq },
  });
}
