// The toolbar of a message: its quick entries and a button that opens the menu. One element moves from row to row.

export class Toolbar {
  // `entriesFor(row)` returns the entries of the message's menu, `act(entry, row)` runs one, `onMore(row)` opens it.
  constructor({ template, icon, entriesFor, act, onMore }) {
    Object.assign(this, { template, icon, entriesFor, act, onMore });
    this.element = template("toolbar").content.firstElementChild.cloneNode(true);
    this.row = null;
  }

  show(row) {
    if (row === this.row && this.element.parentElement === row) return;
    const entries = row ? this.entriesFor(row) : [];
    if (!entries.length) {
      this.hide();
      return;
    }
    this.row = row;
    const quick = entries.filter((entry) => entry.quick);
    this.more = this.#button({ label: "More actions", icon: "more" }, () => this.onMore(row));
    this.more.ariaHasPopup = "menu";
    this.element.replaceChildren(...quick.map((entry) => this.#button(entry, () => this.act(entry, row))), this.more);
    row.append(this.element);
  }

  hide() {
    this.row = null;
    this.element.remove();
  }

  // The message changed, so that other entries may apply.
  update(row) {
    if (row !== this.row || this.element.contains(document.activeElement)) return;
    this.hide();
    this.show(row);
  }

  #button({ label, icon }, act) {
    const button = this.template("tool").content.firstElementChild.cloneNode(true);
    button.ariaLabel = button.title = label;
    button.append(this.icon(icon));
    button.addEventListener("click", act);
    return button;
  }
}
