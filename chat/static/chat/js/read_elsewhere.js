// Decides from the counts in `room` events whether this user's messages were read or marked as unread in another tab
// or device.

export class ReadElsewhere {
  #from; // the first unread message when the last event was made; undefined before the first event
  #head;

  // `newest`: the newest message that this page knows. Returns "read", the seq from which messages are unread, or null.
  change({ head, unread_from: from = Infinity }, newest) {
    const [before, headBefore] = [this.#from, this.#head];
    this.#from = from;
    this.#head = head;
    if (before === undefined) return null;
    if (from < before && from <= headBefore) return from; // the message was read before
    const isNews = before !== Infinity || head > headBefore;
    return from === Infinity && isNews && head >= newest ? "read" : null;
  }
}

const elsewhere = new ReadElsewhere();

// `room`: an event, with its counts, about the room that is open.
export async function follow(room, reading) {
  const change = elsewhere.change(room, reading.newest);
  if (change === "read") {
    if (reading.behind || reading.held) reading.readAll();
  } else if (change !== null) (await reading.unread())?.from(change);
}
