// Slow mode: after a message of one's own the button counts down, and the text stays in the composer until then.

const TICK = 1_000; // milliseconds

export class SlowMode {
  // `now()`: the server's time. `wait`: milliseconds until the user may write, when the page was made.
  constructor({ composer, messageList, me }, { now, wait = 0 }) {
    Object.assign(this, { composer, now });
    this.seconds = 0; // between two messages; 0: off
    this.until = now() + wait;
    this.button = composer.form.querySelector(".send");
    // Before the composer's own listener, which clears the text.
    addEventListener("submit", (event) => event.target === composer.form && this.#submit(event), { capture: true });
    messageList.watchers.push({
      inserted: ({ author, created_at: at }) => author.id === me.id && this.#wrote(Date.parse(at)),
    });
  }

  show() {
    clearTimeout(this.timer);
    const left = this.#left();
    if (left) this.button.dataset.wait = short(left);
    else delete this.button.dataset.wait;
    if (left) this.timer = setTimeout(() => this.show(), (left % TICK || TICK) + 5);
    else if (this.said) this.composer.say("");
    this.said &&= left > 0;
  }

  #left() {
    return this.seconds ? Math.max(0, this.until - this.now()) : 0;
  }

  #wrote(at) {
    this.until = Math.max(this.until, at + this.seconds * TICK);
    this.show();
  }

  #submit(event) {
    const left = this.#left();
    if (!left) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const seconds = Math.ceil(left / TICK);
    this.composer.say(`Slow mode is on. You can send this in ${seconds} ${seconds === 1 ? "second" : "seconds"}.`);
    this.said = true;
  }
}

// "12" or "4:05"
function short(milliseconds) {
  const seconds = Math.ceil(milliseconds / TICK);
  return seconds < 60 ? `${seconds}` : `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}
