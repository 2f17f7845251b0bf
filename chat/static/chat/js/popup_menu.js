// A menu in a modal dialog: beside a button, or at the bottom of a small or touch screen. Arrow keys, Home, End and
// first letters move in it; Escape and a click beside it close it.

const SHEET = "(pointer: coarse), (width < 480px)";
const MARGIN = 8; // pixels to the edges of the window

export class PopupMenu {
  constructor({ template, icon }) {
    Object.assign(this, { template, icon });
    this.dialog = template("menu").content.firstElementChild.cloneNode(true);
    this.menu = this.dialog.firstElementChild;
    document.querySelector("main").append(this.dialog);
    this.dialog.addEventListener("click", ({ target }) => target === this.dialog && this.close());
    this.dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      this.close();
    });
    this.dialog.addEventListener("keydown", (event) => this.#key(event));
    addEventListener("resize", () => this.dialog.matches(".sheet") || this.close());
  }

  // Show entries ({ label, icon, danger? }) near `anchor`. `onChoose(entry)` or `onCancel()` is called after it closed.
  open(entries, { anchor, onChoose, onCancel }) {
    this.onCancel = onCancel;
    this.menu.replaceChildren(...entries.map((entry) => this.#item(entry, onChoose)));
    this.dialog.classList.toggle("sheet", matchMedia(SHEET).matches);
    this.dialog.showModal();
    this.#place(anchor.getBoundingClientRect());
    this.menu.firstElementChild.focus({ preventScroll: true });
  }

  close() {
    if (!this.dialog.open) return;
    this.dialog.close();
    this.onCancel();
  }

  #item(entry, onChoose) {
    const item = this.template("menu-item").content.firstElementChild.cloneNode(true);
    item.lastElementChild.textContent = entry.label;
    item.prepend(this.icon(entry.icon));
    item.classList.toggle("danger", Boolean(entry.danger));
    item.addEventListener("click", () => {
      this.dialog.close();
      onChoose(entry);
    });
    return item;
  }

  #place(anchor) {
    const { style, offsetWidth: width, offsetHeight: height } = this.dialog;
    if (this.dialog.matches(".sheet")) {
      style.left = style.top = "";
      return;
    }
    const below = anchor.bottom + 4;
    const top = below + height > innerHeight - MARGIN ? anchor.top - height - 4 : below;
    const within = (value, size, room) => Math.max(MARGIN, Math.min(value, room - size - MARGIN));
    style.left = `${within(anchor.right - width, width, innerWidth)}px`;
    style.top = `${within(top, height, innerHeight)}px`;
  }

  #key(event) {
    const items = [...this.menu.children];
    const index = items.indexOf(document.activeElement);
    const next = {
      ArrowDown: (index + 1) % items.length,
      ArrowUp: (index - 1 + items.length) % items.length,
      Home: 0,
      End: items.length - 1,
    }[event.key];
    if (event.key === "Tab") this.close();
    else if (next !== undefined) items[next].focus();
    else if (event.key.length !== 1 || event.key === " " || event.ctrlKey || event.metaKey) return;
    else this.#nextWith(event.key, items, index)?.focus();
    event.preventDefault();
  }

  #nextWith(letter, items, index) {
    const rotated = [...items.slice(index + 1), ...items.slice(0, index + 1)];
    return rotated.find((item) => item.textContent.trim().toLowerCase().startsWith(letter.toLowerCase()));
  }
}
