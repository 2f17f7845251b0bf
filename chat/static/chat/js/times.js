// Times in the browser's time zone. The server uses the same formats (templatetags/display.py).

const GROUP = 5 * 60_000; // milliseconds; messages of one author within this time show avatar and name once
const DAY = 86_400_000;
const WEEKDAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const MONTHS = [
  "January", "February", "March", "April", "May", "June",
  "July", "August", "September", "October", "November", "December",
];

const two = (number) => String(number).padStart(2, "0");

export function clock(date) {
  return `${two(date.getHours())}:${two(date.getMinutes())}`;
}

export function dayKey(date) {
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

export function dayLabel(date, now) {
  if (dayKey(date) === dayKey(now)) return "Today";
  const yesterday = new Date(now.getFullYear(), now.getMonth(), now.getDate() - 1);
  if (dayKey(date) === dayKey(yesterday)) return "Yesterday";
  const year = date.getFullYear() === now.getFullYear() ? "" : ` ${date.getFullYear()}`;
  return `${WEEKDAYS[date.getDay()]}, ${date.getDate()} ${MONTHS[date.getMonth()]}${year}`;
}

export function ago(date, now) {
  const passed = now - date;
  if (passed < 60_000) return "just now";
  if (passed < 3_600_000) return `${Math.floor(passed / 60_000)} min ago`;
  if (dayKey(date) === dayKey(now)) return clock(date);
  if (passed < 7 * DAY) return WEEKDAYS[date.getDay()].slice(0, 3);
  const year = date.getFullYear() === now.getFullYear() ? "" : ` ${date.getFullYear()}`;
  return `${date.getDate()} ${MONTHS[date.getMonth()].slice(0, 3)}${year}`;
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
