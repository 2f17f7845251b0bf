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
    this.dialog.addEventListener("pointerdown", () => (this.pressed = true), { capture: true });
    this.dialog.addEventListener("click", (event) => this.#ignoreLift(event), { capture: true });
    this.dialog.addEventListener("click", ({ target }) => target === this.dialog && this.close());
    this.dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      this.close();
    });
    this.dialog.addEventListener("keydown", (event) => this.#key(event));
    addEventListener("resize", () => this.dialog.matches(".sheet") || this.close());
  }

  // Show entries ({ label, icon, danger? }) near `anchor`. `onChoose(entry)` or `onCancel()` is called after it closed.
  // `quickRow(close)`, if given, resolves to a row of buttons above the entries; `close()` is called before one acts.
  open(entries, { anchor, onChoose, onCancel, quickRow }) {
    this.onCancel = onCancel;
    this.pressed = false; // a pointer was pressed in the menu
    this.menu.replaceChildren(...entries.map((entry) => this.#item(entry, onChoose)));
    this.#showQuickRow(quickRow);
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

  // A long press opened the menu under the finger. Lifting the finger must not choose an entry.
  #ignoreLift(event) {
    if (event.pointerType !== "touch" || this.pressed) return;
    event.preventDefault();
    event.stopPropagation();
  }

  // Its space is reserved while its module loads.
  async #showQuickRow(quickRow) {
    this.dialog.querySelector(".quick-row")?.remove();
    if (!quickRow) return;
    const space = document.createElement("div");
    space.className = "quick-row";
    this.menu.before(space);
    const row = await quickRow(() => this.close()).catch(() => null);
    if (row) space.replaceWith(row);
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
      style.right = style.top = "";
      return;
    }
    const below = anchor.bottom + 4;
    const top = below + height > innerHeight - MARGIN ? anchor.top - height - 4 : below;
    const within = (value, size, room) => Math.max(MARGIN, Math.min(value, room - size - MARGIN));
    // Not its left edge: the quick row, which is loaded later, can make it wider.
    style.right = `${within(innerWidth - anchor.right, width, innerWidth)}px`;
    style.top = `${within(top, height, innerHeight)}px`;
  }

  #key(event) {
    const items = [...this.menu.children];
    const index = items.indexOf(document.activeElement);
    const quick = this.dialog.querySelector(".quick-row button");
    if (event.key === "ArrowUp" && index === 0 && this.dialog.querySelector(".quick-row")) {
      event.preventDefault();
      quick?.focus(); // while it loads, the focus does not go to the last entry, which deletes
      return;
    }
    if (index < 0 && event.key !== "ArrowDown" && event.key !== "Tab") return; // the quick row has the focus
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
