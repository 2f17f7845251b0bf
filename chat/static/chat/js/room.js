// The room page. It starts with the messages and the cursor that the server rendered.

import { Composer } from './composer.js';
import { Draft } from './drafts.js';
import { quoteOf } from './excerpt.js';
import { connectEmojiButton, emojiSource } from './emoji.js';
import { ignoring } from './ignoring.js';
import { Mentionable } from './mentionable.js';
import { MessageList } from './message_list.js';
import { MessageMenu } from './message_menu.js';
import { PresenceNotice } from './notices.js';
import { Outbox } from './outbox.js';
import { Outgoing } from './outgoing.js';
import { Pager } from './pager.js';
import { Pending } from './pending.js';
import { foldPeople, showPeople } from './people.js';
import { People, Typing } from './presence.js';
import { Reactions } from './reactions.js';
import { Reading } from './reading.js';
import { Scroller } from './scroll.js';
import { Sender } from './sender.js';
import { connect } from './socket.js';
import { Status } from './status.js';
import { storage, storedValue } from './storage.js';
import { tab } from './tab.js';
import { sources } from './text_box.js';
import { Timeline } from './timeline.js';

const UNREADABLE = new Set(["malformed", "too_big"]); // errors without an id: the server could not read the frame
const BEHIND_FOR = 5_000; // milliseconds; reconnect if changes that a pong announced do not arrive in this time

const page = document.querySelector("[data-room]");
const part = (name) => document.querySelector(`[data-${name}]`);
const template = (name) => document.querySelector(`[data-template="${name}"]`);
const { roomId, epoch, head } = page.dataset;
const states = JSON.parse(part("states").textContent); // the messages on the page, without their HTML
let slug = page.dataset.room; // changes when the room is made private
const me = {
  id: Number(page.dataset.me),
  name: page.dataset.myName,
  guest: page.dataset.myGuest === "true",
  moderates: page.dataset.moderates === "true",
};
const mentionable = new Mentionable(storedValue(`mentioned:${me.id}`));
let address = `/rooms/${encodeURIComponent(slug)}/`;

const scroller = new Scroller(part("scroller"));
const messageList = new MessageList({
  list: part("messages"),
  empty: part("empty"),
  templates: {
    message: template("message"),
    day: template("day"),
    unread: template("unread"),
    failure: template("failure"),
  },
  me,
});
const pending = new Pending({ messageList, me, shown: (text) => mentionable.decode(text) });
const timeline = new Timeline({
  head: Number(head),
  epoch,
  messages: states,
  earlier: page.dataset.earlier === "true",
  later: page.dataset.later === "true",
});
const pager = new Pager({ url: `${address}messages/`, timeline, messageList, scroller, edge: part("edge") });
const outbox = new Outbox({
  storage,
  prefix: `commands:${me.id}:${roomId}:`,
  former: `outbox:${me.id}:${slug}:`, // earlier versions used the slug, which may belong to another room later
});
const sender = new Sender({
  outbox,
  send: (command) => connection.send(command),
  onChange: () => outgoing.show(),
  onTimeout: () => connection.state === "open" && connection.reconnect(),
});
const draftKey = `draft:${me.id}:${roomId}`;
const composer = new Composer({
  form: part("composer"),
  closed: part("closed"),
  hint: part("hint"),
  draft: new Draft({ key: draftKey, stored: storedValue(draftKey) }),
  mentionable,
  choices: storedValue(`mentions:${me.id}:${roomId}`),
  onSend: sendMessage,
  onReply: showReply,
  onTyping: () => connection.send({ type: "typing" }),
});
const reading = new Reading({
  scroller,
  button: part("newer"),
  timeline,
  pager,
  messageList,
  me,
  data: page.dataset,
  send: (command) => connection.send(command),
  onLatest: toLatest,
});
pager.onChange = () => reading.place();
const people = new People();
const typing = new Typing();
const status = new Status({
  line: part("state"),
  composer,
  address,
  outbox,
  sender,
  typing,
  onReconnect: () => connection.reconnect(),
});
const outgoing = new Outgoing({
  outbox,
  sender,
  pending,
  composer,
  scroller,
  messageList,
  onShown: () => status.show(),
  onEdit: (seq, text) => menu.edit(seq, text),
});
const menu = new MessageMenu({
  scroller,
  messageList,
  timeline,
  pager,
  composer,
  outgoing,
  mentionable,
  me,
  template,
  admin: page.dataset.admin,
  url: (seq) => new URL(`${address}${seq}/`, location).href,
  onUnread,
});
let path = location.pathname;
const reactions = new Reactions({
  list: part("messages"),
  outbox,
  timeline,
  messageList,
  scroller,
  people,
  me,
  url: () => address,
  send: (command) => outgoing.do(command),
});
messageList.waitingReactions = (seq) => reactions.waiting(seq);
pending.onReaction = (seq) => reactions.show(seq);
connectEmojiButton(part("emoji-button"), composer.box);
menu.add(reactions.entry);
menu.add({
  name: "reply",
  label: "Reply",
  icon: "reply",
  quick: true,
  when: ({ deleted }) => !deleted,
  act: (state) => composer.reply(quoteOf(state)),
});
let presenceNotice = null; // the latest notice about joins and leaves, while no message follows it

const connection = connect(`/ws${address}`, {
  hello: () => timeline.hello(),
  onEvents: receive,
  onState: (state, detail) => {
    page.dataset.live = state;
    status.setState(state, detail);
  },
});
connection.start();

// ── server events ──────────────────────────────────────────────────────────────────────────────────

const handlers = {
  welcome(event) {
    timeline.welcome(event.epoch);
    if (timeline.cursor === null) restart();
    me.name = event.user.name;
    people.sync(event.people);
    event.people.forEach((user) => mentionable.know(user));
    showPeople(people, me);
    rename(event.people);
    if (event.room) showRoom(event.room);
    sender.connected();
    pager.retry();
  },
  reset: () => restart(),
  synced: ({ head }) => timeline.synced(head),
  message(event) {
    typing.stopped(event.author.id);
    mentionable.learn(event);
    if (outbox.entries.has(event.client_id)) sender.acknowledged(event.client_id); // the ack was lost
    const change = timeline.apply(event);
    if (change === "insert") {
      const row = messageList.insert(event, timeline.after(event.seq));
      presenceNotice = null;
      if (!timeline.catchingUp) announceMessage(event, row);
    } else if (change === "update") messageList.update(event);
    else stored(event.client_id, event.seq);
    requote(event);
    reading.received(event);
  },
  ack({ id, seq, rev }) {
    reactions.acknowledged(id, rev);
    sender.acknowledged(id);
    const messageFollows = rev > timeline.cursor && !timeline.later;
    if (timeline.messages.has(seq)) pending.changed(id, rev);
    else if (!messageFollows) stored(id, seq);
  },
  error(event) {
    if (event.id) sender.refused(event);
    else if (UNREADABLE.has(event.code)) sender.unreadable(event);
  },
  joined({ user }) {
    mentionable.know(user);
    if (people.add(user)) announce("joined", user);
  },
  left({ user }) {
    typing.stopped(user.id);
    if (people.remove(user)) announce("left", user);
  },
  renamed({ user }) {
    if (user.id === me.id) me.name = user.name;
    mentionable.know(user);
    people.add(user);
    showPeople(people, me);
    rename([user]);
  },
  typing({ user }) {
    if (user.id !== me.id && !ignoring.has(user.id)) typing.started(user);
  },
  room(event) {
    if (event.slug === slug || event.former === slug) showRoom(event);
  },
  pong({ head }) {
    if (timeline.isBehind(head)) setTimeout(() => timeline.isBehind(head) && connection.reconnect(), BEHIND_FOR);
  },
};

function receive(events) {
  scroller.keep(() => {
    for (const event of events) handlers[event.type]?.(event);
    reading.place();
  });
  pager.trim();
  reading.update();
  status.received();
}

// Discard the messages; the server sends the latest page. If the user has scrolled up, load the messages around their
// position instead.
function restart() {
  const place = scroller.atEnd ? null : scroller.seqInView;
  timeline.restart({ keep: place !== null });
  presenceNotice = null;
  if (composer.quote) showReply(composer.quote, { isOld: true });
  if (place !== null) pager.around(place);
  else {
    messageList.clear();
    outgoing.forgetStored();
  }
}

// Quotes of this message follow its change, wherever it is in the room.
function requote(message) {
  const quote = timeline.requote(message);
  if (!quote) return;
  messageList.requote(quote);
  composer.requote(quote);
}

function rename(people) {
  messageList.rename(people);
  timeline.rename(people).forEach(requote);
  const user = people.find(({ id }) => id === composer.quote?.author.id);
  if (user) composer.requote({ ...composer.quote, author: user });
}

// The server stored a command. Remove its row, unless it is a post that comes after the messages on the page.
function stored(id, seq) {
  if (timeline.later && seq > (timeline.last ?? 0)) pending.acknowledged(id);
  else pending.settled(id);
}

function announceMessage({ author, deleted }, row) {
  if (author.id === me.id || deleted || ignoring.has(author.id)) return;
  const text = row.querySelector(".words").textContent;
  import('./announcer.js').then(({ announce }) => announce(author.name, text));
}

function announce(kind, user) {
  if (part("messages").dataset.joins === "false") return showPeople(people, me);
  presenceNotice ??= { people: new PresenceNotice(), line: null };
  presenceNotice.line = messageList.notice(presenceNotice.people.add(kind, user), presenceNotice.line);
  showPeople(people, me);
}

function showRoom({ slug: current, name, topic, kind, joins = true, mention_all: mentionAll = "moderators" }) {
  if (current !== slug) moveTo(current);
  page.dataset.mentionAll = mentionAll;
  for (const shown of document.querySelectorAll(".room-head h1, .here .room-name")) {
    shown.querySelector("bdi").textContent = name;
    shown.querySelector(".lock").toggleAttribute("hidden", kind !== "private");
  }
  part("room-topic").textContent = topic;
  part("messages").dataset.joins = joins;
  part("scroller").ariaLabel = `Messages in ${name}`;
  composer.setLabel(`Message ${name}`);
  pager.rename(`This is the beginning of ${name}.`);
  tab.rename(`${name} · Obrolan`);
}

// The room has a new slug. Another room may take the old one, so update every URL.
function moveTo(current) {
  const before = address;
  slug = current;
  address = `/rooms/${encodeURIComponent(slug)}/`;
  connection.url = new URL(`/ws${address}`, connection.url).href;
  pager.url = `${address}messages/`;
  status.address = address;
  page.dataset.room = slug;
  const moved = (path) => path.replace(before, address);
  path = moved(location.pathname);
  history.replaceState(history.state, "", path + location.search);
  part("composer").action = address;
  for (const root of [document, template("message").content]) {
    for (const link of root.querySelectorAll(".when[href], .quote[href], .room-head a[href], .here > a")) {
      link.setAttribute("href", moved(link.getAttribute("href")));
    }
  }
}

// ── user actions ───────────────────────────────────────────────────────────────────────────────────

function sendMessage(text, quote) {
  showLatest();
  outgoing.post(text, quote);
  reading.readAll();
}

// For the menu of a message.
async function onUnread(seq) {
  const unread = await reading.unread();
  if (!unread?.mark(seq)) status.tell("You are offline. Mark messages as unread when you are back.");
}

// Show the message that the composer answers, or none. With `isOld` its present state is loaded.
async function showReply(quote, { isOld = false } = {}) {
  const { showReplying } = await import('./replying.js');
  showReplying(quote, { bar: part("replying"), composer, scroller, timeline, pager, isOld });
}

part("messages").addEventListener("click", async (event) => {
  const link = event.target.closest("a.quote");
  if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const { jump } = await import('./jump.js');
  jump(link, { messageList, timeline, pager, scroller, composer, newer: part("newer") });
});
part("messages").addEventListener("keydown", (event) => {
  if (event.key !== "r" || event.ctrlKey || event.metaKey || event.altKey) return;
  const message = event.target.matches(".message") && timeline.messages.get(Number(event.target.dataset.seq));
  if (!message || message.deleted) return;
  event.preventDefault();
  composer.reply(quoteOf(message));
});

function toLatest() {
  reading.held = false;
  showLatest();
  scroller.toEnd();
  composer.focusUnlessTouch();
}

// Leave the permalink, and load the latest messages if the page does not show them.
function showLatest() {
  if (location.pathname !== address) history.pushState(null, "", address);
  path = address;
  if (document.querySelector(".message.target")) {
    import('./permalinks.js').then(({ removeHighlight }) => removeHighlight());
  }
  if (timeline.later) pager.latest().then(() => timeline.later || outgoing.forgetStored());
}

// Back and forward between the room and the permalinks of its messages. A skip link changes the fragment only.
addEventListener("popstate", async () => {
  if (location.pathname === path) return;
  path = location.pathname;
  const { linkedMessage, showMessage } = await import('./permalinks.js');
  const seq = linkedMessage(path, address);
  if (seq) showMessage(seq, { pager, messageList, scroller });
  else toLatest();
});

// The counts of this room: the user may read it or mark messages as unread elsewhere.
document.addEventListener("obrolan:room", async ({ detail }) => {
  if (detail.slug !== slug || detail.unread === undefined) return;
  (await import('./read_elsewhere.js')).follow(detail, reading);
});

// Offline the module cannot be loaded; then code has no button until the next kind of gesture.
const loadBlocks = () => import('./blocks.js').catch(() => {});
if (part("messages").querySelector("pre, .table")) loadBlocks();
for (const gesture of ["pointermove", "pointerdown", "keydown"]) {
  addEventListener(gesture, loadBlocks, { once: true, passive: true });
}
let mentionSource = null; // completes `@`; loaded when the first one is typed

async function findPeople(query, update) {
  const { MentionSource } = await import('./mention_source.js');
  mentionSource ??= new MentionSource({ mentionable, people, timeline, me, data: page.dataset, ignoring });
  return mentionSource.find(query, update);
}

sources.push(emojiSource, {
  trigger: "@",
  label: "People",
  spaces: 3,
  find: findPeople,
  text: ({ user }, box) => `@${box.label(user)} `,
});

for (const state of states) mentionable.learn(state);
foldPeople(part("people-button"));
outgoing.show();
pager.loadIfNear();

const target = document.querySelector(".message.target");
if (target) scroller.show(target, 0.5);
else composer.focusUnlessTouch();
