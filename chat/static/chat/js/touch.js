// Touch gestures on messages: a long press or a tap.

const LONG_PRESS = 500; // milliseconds
const MOVED = 10; // pixels after which a press is a scroll
const CONTROLS = "a, button, input, select, textarea, label, summary, .editor, .message > .avatar, .mention";

export class Touch {
  // `onPress(row)` is called for both.
  constructor({ list, onPress }) {
    Object.assign(this, { list, onPress });
    this.pressed = false; // the current touch was a long press; its end is not a tap
    for (const type of ["pointerup", "pointercancel", "pointermove"]) {
      list.addEventListener(type, (event) => this.#ends(event), { passive: true });
    }
  }

  down(event) {
    this.stop();
    this.pressed = false;
    if (event.pointerType !== "touch" || !event.isPrimary) return;
    const row = pressable(event.target);
    if (!row) return;
    this.from = event;
    this.timer = setTimeout(() => this.#press(row), LONG_PRESS);
  }

  // Browsers ask for their own menu after a long press.
  contextMenu(event) {
    const row = event.pointerType === "touch" && pressable(event.target);
    if (!row) return;
    event.preventDefault();
    if (!this.pressed) this.#press(row);
  }

  clicked(event) {
    if (event.pointerType !== "touch" || this.pressed || event.defaultPrevented) return;
    const row = pressable(event.target);
    if (row && document.getSelection().isCollapsed) this.onPress(row);
  }

  stop() {
    clearTimeout(this.timer);
  }

  #press(row) {
    this.stop();
    this.pressed = true;
    this.onPress(row);
  }

  #ends({ type, clientX, clientY }) {
    const moved = this.from && Math.hypot(clientX - this.from.clientX, clientY - this.from.clientY) > MOVED;
    if (type !== "pointermove" || moved) this.stop();
  }
}

function pressable(target) {
  return target.closest(CONTROLS) ? null : target.closest(".message[data-seq]");
}
