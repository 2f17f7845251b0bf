// Times in the person's time zone, or else in the browser's. The server uses the same formats (templatetags/display.py).

const GROUP = 5 * 60_000; // milliseconds; messages of one author within this time show avatar and name once
const DAY = 86_400_000;
const timeZone = globalThis.document?.documentElement.dataset.zone; // of the profile

function format(language, options) {
  const formatter = new Intl.DateTimeFormat(language, { timeZone, ...options });
  return (date) => formatter.format(date);
}

export const clock = format("en-GB", { hour: "2-digit", minute: "2-digit" }); // 14:05
export const dayKey = format("sv"); // 2026-03-03
const weekday = format("en-GB", { weekday: "long" });
const dayOfMonth = format("en-GB", { day: "numeric", month: "long" }); // 3 March

export function dayLabel(date, now) {
  const days = Date.parse(dayKey(now)) - Date.parse(dayKey(date));
  if (!days) return "Today";
  return days === DAY ? "Yesterday" : `${weekday(date)}, ${dayOfMonth(date)}${otherYear(date, now)}`;
}

export function ago(date, now) {
  const passed = now - date;
  if (passed < 60_000) return "just now";
  if (passed < 3_600_000) return `${Math.floor(passed / 60_000)} min ago`;
  if (dayKey(date) === dayKey(now)) return clock(date);
  if (passed < 7 * DAY) return weekday(date).slice(0, 3);
  return dayOfMonth(date).replace(/( ...).*/, "$1") + otherYear(date, now);
}

function otherYear(date, now) {
  const year = dayKey(date).slice(0, 4);
  return dayKey(now).startsWith(year) ? "" : ` ${year}`;
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
