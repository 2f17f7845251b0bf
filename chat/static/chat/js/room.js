// The room page. It starts with the messages and the cursor that the server rendered.

import { Composer } from './composer.js';
import { Draft } from './drafts.js';
import { connectEmojiButton } from './emoji.js';
import { Mentionable } from './mentionable.js';
import { MessageList } from './message_list.js';
import { MessageMenu } from './message_menu.js';
import { loadOnDemand } from './on_demand.js';
import { Outbox } from './outbox.js';
import { Outgoing } from './outgoing.js';
import { Pager } from './pager.js';
import { Pending } from './pending.js';
import { foldPeople } from './people.js';
import { People, Typing } from './presence.js';
import { Reactions } from './reactions.js';
import { Reading } from './reading.js';
import { RoomActions } from './room_actions.js';
import { page, part, place, template } from './room_details.js';
import { receiver } from './room_events.js';
import { Scroller } from './scroll.js';
import { Sender } from './sender.js';
import { connect } from './socket.js';
import { Status } from './status.js';
import { storage, storedValue } from './storage.js';
import { Timeline } from './timeline.js';

const { roomId, epoch, head } = page.dataset;
const states = JSON.parse(part("states").textContent); // the messages on the page, without their HTML
const me = {
  id: Number(page.dataset.me),
  name: page.dataset.myName,
  avatar: page.dataset.myAvatar,
  guest: page.dataset.myGuest === "true",
  moderates: page.dataset.moderates === "true",
};
const mentionable = new Mentionable(storedValue(`mentioned:${me.id}`));

const scroller = new Scroller(part("scroller"));
const messageList = new MessageList({ list: part("messages"), empty: part("empty"), template, me });
const pending = new Pending({ messageList, me, shown: (text) => mentionable.decode(text) });
const timeline = new Timeline({
  head: Number(head),
  epoch,
  messages: states,
  earlier: page.dataset.earlier === "true",
  later: page.dataset.later === "true",
});
const shown = { me, mentionable, scroller, messageList, timeline }; // what most parts need
const pager = new Pager({ ...shown, url: `${place.address}messages/`, edge: part("edge") });
const outbox = new Outbox({
  storage,
  prefix: `commands:${me.id}:${roomId}:`,
  former: `outbox:${me.id}:${place.slug}:`, // earlier versions used the slug, which may belong to another room later
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
  onSend: (text, quote) => actions.send(text, quote),
  onReply: showReply,
  onTyping: () => connection.send({ type: "typing" }),
});
const reading = new Reading({
  ...shown,
  button: part("newer"),
  pager,
  data: page.dataset,
  send: (command) => connection.send(command),
  onLatest: () => actions.toLatest(),
});
pager.onChange = () => reading.place();
const people = new People();
const typing = new Typing();
const status = new Status({
  line: part("state"),
  composer,
  address: place.address,
  outbox,
  sender,
  typing,
  onReconnect: () => connection.reconnect(),
});
const outgoing = new Outgoing({
  ...shown,
  outbox,
  sender,
  pending,
  composer,
  onShown: () => status.show(),
  onEdit: (seq, text) => menu.edit(seq, text),
});
const menu = new MessageMenu({
  ...shown,
  pager,
  composer,
  outgoing,
  template,
  admin: page.dataset.admin,
  url: (seq) => new URL(`${place.address}${seq}/`, location).href,
  onUnread: (seq) => actions.markUnread(seq),
});
const reactions = new Reactions({
  ...shown,
  list: part("messages"),
  outbox,
  people,
  url: () => place.address,
  send: (command) => outgoing.do(command),
});
messageList.waitingReactions = (seq) => reactions.waiting(seq);
pending.onReaction = (seq) => reactions.show(seq);
connectEmojiButton(part("emoji-button"), composer.box);
menu.add(reactions.entry);
const connection = connect(`/ws${place.address}`, {
  hello: () => timeline.hello(),
  onEvents: (events) => receive(events),
  onState: (state, detail) => {
    page.dataset.live = state;
    status.setState(state, detail);
  },
});
const parts = {
  ...shown, people, typing, pager, reading, outbox, sender, outgoing, pending, composer, reactions, connection, status,
};
const actions = new RoomActions(parts);
const receive = receiver(parts, showReply);
connection.start();
loadOnDemand(parts);

// Show the message that the composer answers, or none. With `isOld` its present state is loaded.
async function showReply(quote, { isOld = false } = {}) {
  const { showReplying } = await import('./replying.js').catch(() => ({})); // offline: the page says so
  showReplying?.(quote, { bar: part("replying"), composer, scroller, timeline, pager, isOld });
}

for (const state of states) mentionable.learn(state);
foldPeople(part("people-button"));
outgoing.show();
pager.loadIfNear();

const target = document.querySelector(".message.target");
if (target) scroller.show(target, 0.5);
else composer.focusUnlessTouch();
