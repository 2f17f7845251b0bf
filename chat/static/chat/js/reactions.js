// Reactions to messages: chips, and the picker for other emoji.

import { pickEmoji } from './emoji.js';
import { fillChips, shownReactions } from './reaction_chips.js';

export class Reactions {
  // `send(command)` puts a command into the outbox. `url()` is the room's address. `people` are those who are present.
  constructor({ list, outbox, timeline, messageList, scroller, people, me, url, send }) {
    Object.assign(this, { outbox, timeline, messageList, scroller, people, me, url, send });
    this.acked = new Map(); // id → command with the `rev` of its ack, until the message with this `rev` arrives
    list.addEventListener("click", (event) => this.#clicked(event));
    list.addEventListener("focusin", (event) => this.#showNames(event));
    list.addEventListener("pointerover", (event) => event.pointerType === "mouse" && this.#showNames(event));
  }

  react(seq, emoji, on) {
    this.scroller.keep(() => this.send({ type: "react", seq, emoji, on }));
  }

  toggle(seq, emoji) {
    this.react(seq, emoji, !this.isOwn(seq, emoji));
  }

  // Let the user choose any emoji, in a popover beside `anchor`.
  pick(seq, anchor) {
    pickEmoji(anchor.querySelector(".toolbar") ?? anchor, (emoji) => this.isOwn(seq, emoji) || this.react(seq, emoji, true));
  }

  // The entry of the message menu. `quickRow` resolves to an element; `close()` is called before a button in it acts.
  get entry() {
    return {
      name: "react",
      label: "React",
      icon: "react",
      quick: true,
      when: (state) => !state.deleted,
      act: ({ seq }, row) => this.pick(seq, row),
      quickRow: async ({ seq }, row, close) => (await import('./quick_reactions.js')).quickRow(this, seq, row, close),
    };
  }

  isOwn(seq, emoji) {
    return this.#shown(seq).some((chip) => chip.emoji === emoji && chip.own);
  }

  // The commands whose effect the message does not have yet.
  waiting(seq) {
    const { messages, cursor } = this.timeline;
    const rev = Math.max(messages.get(seq)?.rev ?? 0, cursor ?? 0);
    for (const [id, command] of this.acked) if (command.seq === seq && command.rev <= rev) this.acked.delete(id);
    const commands = [...this.acked.values(), ...this.outbox.waiting().map((entry) => entry.command)];
    return commands.filter((command) => command.type === "react" && command.seq === seq);
  }

  // Call before the outbox removes the entry: the ack is usually faster than the message with the reaction.
  acknowledged(id, rev) {
    const command = this.outbox.entries.get(id)?.command;
    if (command?.type === "react") this.acked.set(id, { ...command, rev });
  }

  show(seq) {
    const box = this.messageList.rows.get(seq)?.querySelector(".reactions");
    if (box) fillChips(box, this.#shown(seq));
  }

  #shown(seq) {
    const message = this.timeline.messages.get(seq);
    return message && !message.deleted ? shownReactions(message.reactions, this.waiting(seq), this.me.id) : [];
  }

  #clicked({ target }) {
    const button = target.closest(".reaction, .add-reaction");
    const seq = Number(button?.closest("[data-seq]")?.dataset.seq);
    if (!seq) return;
    if (button.matches(".add-reaction")) this.pick(seq, button);
    else this.toggle(seq, button.parentElement.dataset.emoji);
  }

  async #showNames({ target }) {
    const chip = target.closest(".reaction");
    if (!chip) return;
    this.names ??= import('./reaction_names.js').then(({ ReactionNames }) => new ReactionNames(this));
    (await this.names.catch(() => (this.names = null)))?.show(chip);
  }
}
