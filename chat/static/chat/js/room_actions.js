// The user's ways through a room: sending, to the latest message, to the original of a quote, back and forward.

import { part, place } from './room_details.js';

export class RoomActions {
  // `parts`: those of room.js.
  constructor(parts) {
    Object.assign(this, parts);
    part("messages").addEventListener("click", (event) => this.#clicked(event));
    addEventListener("popstate", () => permalinks((module) => module.follow(this, place)));
  }

  send(text, quote) {
    this.#showLatest();
    this.outgoing.post(text, quote);
    this.reading.readAll();
  }

  toLatest() {
    this.reading.held = false;
    this.#showLatest();
    this.scroller.toEnd();
    this.composer.focusUnlessTouch();
  }

  async markUnread(seq) {
    const unread = await this.reading.unread();
    if (!unread?.mark(seq)) this.status.tell("You are offline. Mark messages as unread when you are back.");
  }

  // Leave the permalink, and load the latest messages if the page does not show them.
  #showLatest() {
    if (location.pathname !== place.address) history.pushState(null, "", place.address);
    place.path = place.address;
    if (document.querySelector(".message.target")) permalinks((module) => module.removeHighlight());
    const { timeline, outgoing, pager } = this;
    if (timeline.later) pager.latest().then(() => timeline.later || outgoing.forgetStored());
  }

  #clicked(event) {
    const link = event.target.closest("a.quote");
    if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    import('./jump.js').then(
      ({ jump }) => jump(link, { ...this, newer: part("newer") }),
      () => {}, // offline
    );
  }
}

// Offline the module cannot be loaded: the page stays where it is.
function permalinks(use) {
  import('./permalinks.js').then(use, () => {});
}
