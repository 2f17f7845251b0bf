// Events about messages: new and changed ones, the page that follows a reset, and answers to own commands.

import { ignoring } from './ignoring.js';
import { part } from './room_details.js';

// Returns the handlers by type, and functions for other events. `parts` are those of room.js. `showReply` shows the
// message that the composer answers.
export function messageEvents(parts, showReply) {
  const { me, mentionable, typing, timeline, messageList, scroller, pager, reading } = parts;
  const { outbox, sender, outgoing, pending, composer, reactions } = parts;

  function message(event) {
    typing.stopped(event.author.id);
    mentionable.learn(event);
    if (outbox.entries.has(event.client_id)) sender.acknowledged(event.client_id); // the ack was lost
    const change = timeline.apply(event);
    if (change === "insert") {
      const row = messageList.insert(event, timeline.after(event.seq));
      if (!timeline.catchingUp) announce(event, row);
    } else if (change === "update") messageList.update(event);
    else stored(event.client_id, event.seq);
    requote(event);
    if (event.pinned || part("pins").dataset.pins.includes(event.seq)) followPins(event);
    reading.received(event);
  }

  function ack({ id, seq, rev }) {
    reactions.acknowledged(id, rev);
    sender.acknowledged(id);
    const messageFollows = rev > timeline.cursor && !timeline.later;
    if (timeline.messages.has(seq)) pending.changed(id, rev);
    else if (!messageFollows) stored(id, seq);
  }

  // Discard the messages; the server sends the latest page. If the user has scrolled up, load the messages around their
  // position instead.
  function restart() {
    const seq = scroller.atEnd ? null : scroller.seqInView;
    timeline.restart({ keep: seq !== null });
    followPins();
    if (composer.quote) showReply(composer.quote, { isOld: true });
    if (seq !== null) pager.around(seq);
    else {
      messageList.clear();
      outgoing.forgetStored();
    }
  }

  // The server stored a command. Remove its row, unless it is a post that comes after the messages on the page.
  function stored(id, seq) {
    if (timeline.later && seq > (timeline.last ?? 0)) pending.acknowledged(id);
    else pending.settled(id);
  }

  // Quotes of this message follow its change, wherever it is in the room.
  function requote(changed) {
    const quote = timeline.requote(changed);
    if (!quote) return;
    messageList.requote(quote);
    composer.requote(quote);
  }

  // These people have new display names.
  function rename(users) {
    messageList.rename(users);
    timeline.rename(users).forEach(requote);
    const user = users.find(({ id }) => id === composer.quote?.author.id);
    if (user) composer.requote({ ...composer.quote, author: user });
  }

  // The header counts pinned messages. Without an event they are loaded again.
  function followPins(event) {
    import('./pins.js').then(
      (pins) => pins.follow(event),
      () => {}, // offline
    );
  }

  function announce({ author, deleted }, row) {
    if (author.id === me.id || deleted || ignoring.has(author.id)) return;
    const text = row.querySelector(".words").textContent;
    import('./announcer.js').then(
      ({ announce: read }) => read(author.name, text),
      () => {}, // offline
    );
  }

  return { handlers: { message, ack, reset: restart }, restart, rename };
}
