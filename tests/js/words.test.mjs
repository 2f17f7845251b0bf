import assert from "node:assert/strict";
import { test } from "node:test";
import { hue, initials } from "../../chat/static/chat/js/faces.js";
import { newId } from "../../chat/static/chat/js/ids.js";
import { Comings, names, typingWords } from "../../chat/static/chat/js/notices.js";
import { People, Typing } from "../../chat/static/chat/js/presence.js";
import { Backoff } from "../../chat/static/chat/js/timer.js";
import { ago, clock, continues, dayKey, dayLabel } from "../../chat/static/chat/js/times.js";
import { closedWords, connectionWords, newWords, tombstoneWords } from "../../chat/static/chat/js/words.js";

const user = (id, name) => ({ id, name, guest: false });

test("several joins in a row are one line", () => {
  const comings = new Comings();
  assert.equal(comings.add("joined", user(1, "Ayu")), "Ayu joined");
  assert.equal(comings.add("joined", user(2, "Budi")), "Ayu and Budi joined");
  comings.add("joined", user(3, "Sari"));
  comings.add("joined", user(4, "Tom"));
  assert.equal(comings.add("joined", user(5, "Ines")), "Ayu, Budi and 3 others joined");
  assert.equal(comings.add("left", user(1, "Ayu")), "Budi, Sari and 2 others joined · Ayu left");
});

test("names are listed with commas and an and", () => {
  assert.equal(names(["Ayu", "Budi", "Sari"]), "Ayu, Budi and Sari");
  assert.equal(typingWords([]), "");
  assert.equal(typingWords(["Ayu"]), "Ayu is typing");
  assert.equal(typingWords(["Ayu", "Budi"]), "Ayu and Budi are typing");
});

test("the state of the connection is shown only when something is wrong", () => {
  assert.equal(connectionWords({ state: "open" }), "");
  assert.equal(connectionWords({ state: "offline", waiting: 2 }), "Offline: 2 messages waiting");
  assert.equal(connectionWords({ state: "waiting", waiting: 1 }), "Reconnecting: 1 message waiting");
  assert.match(connectionWords({ state: "open", waiting: 1, pausedFor: 2_100 }), /1 message waiting.* 3 seconds/);
});

test("the words for a closed connection say what to do, and the server's sentence comes first", () => {
  assert.match(closedWords(4401), /Log in again/);
  assert.match(closedWords(4409), /too many tabs/);
  assert.equal(closedWords(4403, "You were removed from this room."), "You were removed from this room.");
});

test("a tombstone says whether a moderator or the author removed the message", () => {
  assert.equal(tombstoneWords({ deleted: true, hidden: true }), "Hidden by a moderator");
  assert.equal(tombstoneWords({ deleted: true, hidden: false }), "Deleted");
});

test("a right-to-left name does not reorder the words around it", () => {
  assert.equal(names(["أيمن", "Budi"]), "\u2068أيمن\u2069 and Budi");
  assert.equal(typingWords(["שרה"]), "\u2068שרה\u2069 is typing");
});

test("new messages are counted in words up to nine", () => {
  assert.equal(newWords(0), "Latest messages");
  assert.equal(newWords(1), "One new message");
  assert.equal(newWords(12), "12 new messages");
  assert.equal(newWords(150), "99+ new messages");
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
  const said = (author, time) => ({ author, at: time });
  assert.equal(continues(said(1, at(9, 0)), said(1, at(9, 4))), true);
  assert.equal(continues(said(1, at(9, 0)), said(1, at(9, 5))), false);
  assert.equal(continues(said(1, at(9, 0)), said(2, at(9, 1))), false);
  assert.equal(continues(undefined, said(1, at(9, 0))), false);
  assert.equal(continues(said(1, at(23, 59)), said(1, new Date(2026, 10, 23, 0, 1))), false);
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

test("a person is listed once, and a typing notice lasts five seconds", () => {
  const people = new People([user(1, "Ayu")]);
  assert.equal(people.add(user(1, "Ayu")), false);
  assert.equal(people.add(user(2, "Budi")), true);
  assert.equal(people.remove(user(3, "Sari")), false);
  assert.deepEqual(people.sorted().map((one) => one.name), ["Ayu", "Budi"]);
  let now = 0;
  const typing = new Typing(() => now);
  typing.saw(user(2, "Budi"));
  assert.deepEqual(typing.names(), ["Budi"]);
  now = 5_000;
  assert.deepEqual(typing.names(), []);
});
