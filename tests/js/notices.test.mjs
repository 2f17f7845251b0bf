import assert from "node:assert/strict";
import { test } from "node:test";

import { isQuiet, newestFor, Notices } from "../../chat/static/chat/js/notices_due.js";

const room = (head, fields) => ({ slug: "kitchen", kind: "public", head, unread: 0, mentions: 0, ...fields });

// Whether the last of these events has news, for a page that got the others before.
function hasNews(...events) {
  const notices = new Notices();
  return events.map((event) => notices.hasNews(event)).at(-1);
}

test("a new mention is news, and the state at the beginning is not", () => {
  assert.equal(hasNews(room(5, { mentions: 2 })), false);
  assert.equal(hasNews(room(5), room(6, { unread: 1, mentions: 1 })), true);
  assert.equal(hasNews(room(5, { mentions: 1 }), room(6, { mentions: 1, unread: 2 })), false);
});

test("a message without a mention is news only for the level all, and in a direct conversation", () => {
  assert.equal(hasNews(room(5), room(6, { unread: 1 })), false);
  assert.equal(hasNews(room(5), room(6, { unread: 1, notify: "all" })), true);
  assert.equal(hasNews(room(5), room(6, { unread: 1, kind: "direct" })), true);
  assert.equal(hasNews(room(5), room(6, { unread: 1, kind: "direct", notify: "mentions" })), false);
});

test("a mention is news although one before it was read in the same second", () => {
  const before = room(6, { unread: 1, unread_from: 6, mentions: 1 });
  assert.equal(hasNews(before, room(7, { unread: 1, unread_from: 7, mentions: 1 })), true);
  assert.equal(hasNews(before, room(7, { unread: 2, unread_from: 6, mentions: 1 })), false);
});

test("a muted room has no news", () => {
  assert.equal(hasNews(room(5), room(6, { unread: 1, mentions: 1, notify: "nothing" })), false);
});

test("a message that was marked as unread is no news", () => {
  assert.equal(hasNews(room(6), room(6, { unread: 3, mentions: 3, notify: "all" })), false);
});

test("a room with a new address is the same room", () => {
  assert.equal(hasNews(room(5), { ...room(6, { mentions: 1 }), slug: "new", former: "kitchen" }), true);
});

test("a message that was read meanwhile needs no notification", () => {
  const notices = new Notices();
  notices.hasNews(room(6, { unread: 1, mentions: 1 }));
  assert.equal(notices.isUnread({ slug: "kitchen" }), true);
  notices.hasNews(room(6));
  assert.equal(notices.isUnread({ slug: "kitchen" }), false);
});

test("quiet hours may include midnight, in the time zone of the person", () => {
  const at = (time) => new Date(`2026-03-03T${time}:00Z`);
  assert.equal(isQuiet(["22:00", "07:00"], "UTC", at("23:00")), true);
  assert.equal(isQuiet(["22:00", "07:00"], "UTC", at("06:59")), true);
  assert.equal(isQuiet(["22:00", "07:00"], "UTC", at("07:00")), false);
  assert.equal(isQuiet(["13:00", "14:00"], "UTC", at("13:30")), true);
  assert.equal(isQuiet(["22:00", "07:00"], "Asia/Jakarta", at("15:30")), true);
  assert.equal(isQuiet([], "UTC", at("23:00")), false);
});

test("the newest message that notifies is neither one's own nor deleted", () => {
  const message = (seq, author, fields) => ({ seq, author: { id: author }, ...fields });
  const messages = [
    message(1, 2, { mentions: { 7: "Ayu" } }),
    message(2, 2),
    message(3, 2, { mentions_all: true, deleted: true }),
    message(4, 7, { mentions_all: true }),
  ];
  assert.equal(newestFor(messages, 7, false).seq, 1);
  assert.equal(newestFor(messages, 7, false, [2]), undefined); // ignored
  assert.equal(newestFor([...messages, message(5, 3)], 7, true, [2]).seq, 5);
  assert.equal(newestFor(messages, 7, true, [], 2), undefined); // told before, or read
  assert.equal(newestFor(messages, 7, true).seq, 2);
});
