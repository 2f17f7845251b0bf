// Times in the person's time zone, or else in the browser's. The server uses the same formats (templatetags/display.py).

const GROUP = 5 * 60_000; // milliseconds; messages of one author within this time show avatar and name once
const DAY = 86_400_000;
const WEEKDAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const MONTHS = [
  "January", "February", "March", "April", "May", "June",
  "July", "August", "September", "October", "November", "December",
];

const zone = globalThis.document?.documentElement.dataset.zone; // of the profile

// A date whose local fields are those of the person's time zone.
function local(date) {
  return zone ? new Date(date.toLocaleString("en-US", { timeZone: zone })) : date;
}

const two = (number) => String(number).padStart(2, "0");

export function clock(at) {
  const date = local(at);
  return `${two(date.getHours())}:${two(date.getMinutes())}`;
}

export function dayKey(at) {
  const date = local(at);
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

export function dayLabel(date, now) {
  if (dayKey(date) === dayKey(now)) return "Today";
  const [day, today] = [local(date), local(now)];
  const yesterday = new Date(today.getFullYear(), today.getMonth(), today.getDate() - 1);
  if (day.toDateString() === yesterday.toDateString()) return "Yesterday";
  const year = day.getFullYear() === today.getFullYear() ? "" : ` ${day.getFullYear()}`;
  return `${WEEKDAYS[day.getDay()]}, ${day.getDate()} ${MONTHS[day.getMonth()]}${year}`;
}

export function ago(date, now) {
  const passed = now - date;
  if (passed < 60_000) return "just now";
  if (passed < 3_600_000) return `${Math.floor(passed / 60_000)} min ago`;
  if (dayKey(date) === dayKey(now)) return clock(date);
  const day = local(date);
  if (passed < 7 * DAY) return WEEKDAYS[day.getDay()].slice(0, 3);
  const year = day.getFullYear() === local(now).getFullYear() ? "" : ` ${day.getFullYear()}`;
  return `${day.getDate()} ${MONTHS[day.getMonth()].slice(0, 3)}${year}`;
}

// Whether a message belongs to the group of the message before it, without avatar and name.
export function continues(before, message) {
  return (
    Boolean(before) &&
    before.author === message.author &&
    Math.abs(message.at - before.at) < GROUP &&
    dayKey(before.at) === dayKey(message.at)
  );
}
