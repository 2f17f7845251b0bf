import assert from "node:assert/strict";
import { test } from "node:test";
import { hue, initials } from "../../chat/static/chat/js/avatars.js";
import { newId } from "../../chat/static/chat/js/ids.js";
import { PresenceNotice, names, typingText } from "../../chat/static/chat/js/notices.js";
import { People, Typing } from "../../chat/static/chat/js/presence.js";
import { Backoff } from "../../chat/static/chat/js/timer.js";
import { ago, clock, continues, dayKey, dayLabel } from "../../chat/static/chat/js/times.js";
import { closedText } from "../../chat/static/chat/js/closed.js";
import { connectionText, newMessagesText, tombstoneText } from "../../chat/static/chat/js/texts.js";

const user = (id, name) => ({ id, name, guest: false });

test("several joins in a row are one line", () => {
  const presenceNotice = new PresenceNotice();
  assert.equal(presenceNotice.add("joined", user(1, "Ayu")), "Ayu joined");
  assert.equal(presenceNotice.add("joined", user(2, "Budi")), "Ayu and Budi joined");
  presenceNotice.add("joined", user(3, "Sari"));
  presenceNotice.add("joined", user(4, "Tom"));
  assert.equal(presenceNotice.add("joined", user(5, "Ines")), "Ayu, Budi and 3 others joined");
  assert.equal(presenceNotice.add("left", user(1, "Ayu")), "Budi, Sari and 2 others joined · Ayu left");
});

test("names are joined with commas and a final and", () => {
  assert.equal(names(["Ayu", "Budi", "Sari"]), "Ayu, Budi and Sari");
  assert.equal(typingText([]), "");
  assert.equal(typingText(["Ayu"]), "Ayu is typing");
  assert.equal(typingText(["Ayu", "Budi"]), "Ayu and Budi are typing");
});

test("the state of the connection is shown only when something is wrong", () => {
  assert.equal(connectionText({ state: "open" }), "");
  assert.equal(
    connectionText({ state: "offline", waiting: 2 }),
    "You are offline. Two messages will be sent when you are back.",
  );
  assert.equal(
    connectionText({ state: "waiting", waiting: 1 }),
    "The connection was lost. Reconnecting. One message will be sent when the connection is back.",
  );
  assert.equal(
    connectionText({ state: "open", waiting: 1, pausedFor: 2_100 }),
    "You are sending too fast. Your message will be sent in 3 seconds.",
  );
  assert.equal(
    connectionText({ state: "open", waiting: 12, pausedFor: 900 }),
    "You are sending too fast. 12 messages will be sent in 1 second.",
  );
});

test("the text for a closed connection says what to do, and the server's message is preferred", () => {
  assert.match(closedText(4401), /Log in again/);
  assert.match(closedText(4409), /too many tabs/);
  assert.equal(closedText(4403, "You were removed from this room."), "You were removed from this room.");
});

test("a tombstone says whether a moderator or the author removed the message", () => {
  assert.equal(tombstoneText({ deleted: true, hidden: true }), "Hidden by a moderator");
  assert.equal(tombstoneText({ deleted: true, hidden: false }), "Deleted");
});

test("a right-to-left name does not reorder the words around it", () => {
  assert.equal(names(["أيمن", "Budi"]), "\u2068أيمن\u2069 and Budi");
  assert.equal(typingText(["שרה"]), "\u2068שרה\u2069 is typing");
});

test("new messages are counted in words up to nine", () => {
  assert.equal(newMessagesText(0), "Latest messages");
  assert.equal(newMessagesText(1), "One new message");
  assert.equal(newMessagesText(12), "12 new messages");
  assert.equal(newMessagesText(150), "99+ new messages");
});

test("an avatar shows the first letters of a name in any script", () => {
  assert.equal(initials("Ayu Lestari"), "AL");
  assert.equal(initials("ayu"), "A");
  assert.equal(initials("(Budi) Santoso"), "S");
  assert.equal(initials("мария иванова петрова"), "МИ");
  assert.equal(initials("😀"), "😀");
  assert.equal(initials(""), "");
  assert.equal(hue("Ayu"), (65 + 121 + 117) % 12);
  assert.equal(hue("😀"), 0x1f600 % 12);
});

test("day lines show Today, Yesterday or the date", () => {
  const now = new Date(2026, 10, 22, 9, 5);
  assert.equal(clock(now), "09:05");
  assert.equal(dayKey(now), "2026-11-22");
  assert.equal(dayLabel(now, now), "Today");
  assert.equal(dayLabel(new Date(2026, 10, 21, 23), now), "Yesterday");
  assert.equal(dayLabel(new Date(2026, 10, 14), now), "Saturday, 14 November");
  assert.equal(dayLabel(new Date(2025, 10, 22), now), "Saturday, 22 November 2025");
});

test("relative times are short", () => {
  const now = new Date(2026, 10, 22, 12);
  const before = (milliseconds) => ago(new Date(now - milliseconds), now);
  assert.equal(before(5_000), "just now");
  assert.equal(before(-60_000), "just now");
  assert.equal(before(12 * 60_000), "12 min ago");
  assert.equal(before(3 * 3_600_000), "09:00");
  assert.equal(before(30 * 3_600_000), "Sat");
  assert.equal(before(30 * 86_400_000), "23 Oct");
});

test("messages of one author within five minutes of one day are a group", () => {
  const at = (hours, minutes) => new Date(2026, 10, 22, hours, minutes);
  const message = (author, time) => ({ author, at: time });
  assert.equal(continues(message(1, at(9, 0)), message(1, at(9, 4))), true);
  assert.equal(continues(message(1, at(9, 0)), message(1, at(9, 5))), false);
  assert.equal(continues(message(1, at(9, 0)), message(2, at(9, 1))), false);
  assert.equal(continues(undefined, message(1, at(9, 0))), false);
  assert.equal(continues(message(1, at(23, 59)), message(1, new Date(2026, 10, 23, 0, 1))), false);
});

test("an id is a UUID even without crypto.randomUUID", () => {
  const source = { getRandomValues: (bytes) => bytes.fill(0xff) };
  assert.equal(newId(source), "ffffffff-ffff-4fff-bfff-ffffffffffff");
  assert.match(newId(), /^[0-9a-f-]{36}$/);
});

test("backoff waits are random up to a bound", () => {
  const backoff = new Backoff({ random: () => 0.5 });
  assert.deepEqual([backoff.next(), backoff.next(), backoff.next()], [250, 500, 750]);
  backoff.reset();
  assert.equal(backoff.next(), 250);
});

test("the list of a crowd has the user, in place of the last person if necessary", () => {
  const me = user(9, "Me");
  const people = new People();
  people.sync([user(1, "Ayu"), user(2, "Budi")], me, 1_900);
  assert.deepEqual([...people.known.keys()], [9, 1]);
  assert.equal(people.others, 1_898);
  people.count(150);
  assert.equal(people.others, 148);
  people.sync([user(1, "Ayu"), me], me, 2);
  people.add(user(3, "Sari"));
  assert.deepEqual([...people.known.keys(), people.others], [1, 9, 3, 0]);
});

test("a person is listed once, and a typing notice lasts five seconds", () => {
  const people = new People([user(1, "Ayu")]);
  assert.equal(people.add(user(1, "Ayu")), false);
  assert.equal(people.add(user(2, "Budi")), true);
  assert.equal(people.remove(user(3, "Sari")), false);
  assert.deepEqual(people.sorted().map((one) => one.name), ["Ayu", "Budi"]);
  let now = 0;
  const typing = new Typing(() => now);
  typing.started(user(2, "Budi"));
  assert.deepEqual(typing.names(), ["Budi"]);
  now = 5_000;
  assert.deepEqual(typing.names(), []);
});
