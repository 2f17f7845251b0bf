// The emoji picker: a popover beside a button, at the bottom of the screen on phones. Loaded when it is opened first.

import { loadEmoji, recentEmoji, used } from './emoji_data.js';
import { moved } from './emoji_grid.js';
import { buildPicker, fillPreview, fillSection, foundText, newSection, newTab, place } from './emoji_picker_parts.js';

const MOST_FOUND = 64;
const ARROWS = new Set(["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End"]);

let picker = null;

export function openPicker(anchor, onChoose) {
  picker ??= new Picker();
  picker.open(anchor, onChoose);
}

class Picker {
  constructor() {
    Object.assign(this, buildPicker()); // panel, search, status, tabs, grid, preview
    this.recent = newSection("Recently used");
    this.found = newSection("Found");
    this.groups = [];
    this.index = null;
    this.search.addEventListener("input", () => this.#filter());
    this.panel.addEventListener("keydown", (event) => this.#key(event));
    this.panel.addEventListener("toggle", (event) => this.#toggled(event.newState === "open"));
    this.grid.addEventListener("click", ({ target }) => target.dataset.emoji && this.#choose(target.dataset.emoji));
    for (const type of ["focusin", "pointerover"]) {
      this.grid.addEventListener(type, ({ target }) => this.#preview(target.dataset.emoji));
    }
    // A press on the button closes the popover; the click that follows must not open it again.
    const pressed = ({ target }) => {
      this.closing = this.panel.matches(":popover-open") && this.anchor.contains(target);
    };
    document.addEventListener("pointerdown", pressed, { capture: true });
    globalThis.visualViewport?.addEventListener("resize", () => this.anchor && place(this.panel, this.anchor));
  }

  open(anchor, onChoose) {
    if (this.closing && anchor === this.anchor) {
      this.closing = false;
      return;
    }
    Object.assign(this, { anchor, onChoose, before: document.activeElement });
    this.home = anchor.closest(".message") ?? anchor; // the toolbar of a message disappears
    this.search.value = "";
    this.panel.showPopover();
    if (this.index) this.#refresh();
    else this.#load();
    place(this.panel, anchor);
    if (matchMedia("(pointer: coarse)").matches) this.panel.focus();
    else this.search.focus();
  }

  async #load() {
    this.status.textContent = "Loading…";
    try {
      this.index = await loadEmoji();
    } catch {
      this.status.textContent = "The emoji could not be loaded. Close this and try again.";
      return;
    }
    this.groups = this.index.groups.map((group) => fillSection(newSection(group.name), group.emoji));
    this.grid.replaceChildren(this.recent, this.found, ...this.groups);
    this.tabs.append(...this.index.groups.map((group, number) => newTab(group, () => this.#show(this.groups[number]))));
    const { entered } = this;
    this.#refresh();
    if (entered) this.#chooseFirst();
  }

  #show(group) {
    this.search.value = "";
    this.#filter();
    group.scrollIntoView({ block: "start" });
    this.#focus(group.querySelector("button"), { preventScroll: true });
  }

  #refresh() {
    fillSection(this.recent, recentEmoji(this.index));
    this.#filter();
    this.grid.scrollTop = 0;
  }

  #filter() {
    this.entered = false;
    if (!this.index) return;
    const query = this.search.value.trim();
    const found = this.index.search(query, MOST_FOUND);
    fillSection(this.found, found);
    this.recent.hidden = Boolean(query) || !this.recent.querySelector("button");
    this.found.hidden = !query || !found.length;
    for (const group of this.groups) group.hidden = Boolean(query);
    this.status.textContent = query ? foundText(found.length) : "";
    this.grid.scrollTop = 0;
    this.#setStop(this.#buttons()[0]);
    this.#preview(query ? found[0]?.emoji : undefined);
  }

  #buttons() {
    return [...this.grid.querySelectorAll("section:not([hidden]) button")];
  }

  #key(event) {
    if (event.key === "Enter" && event.target === this.search) {
      event.preventDefault();
      if (this.index) this.#chooseFirst();
      else this.entered = true; // before the emoji were loaded
    } else if (event.key === "ArrowDown" && event.target === this.search) {
      event.preventDefault();
      this.#focus(this.#buttons()[0]);
    } else if (ARROWS.has(event.key) && event.target.dataset.emoji) {
      event.preventDefault();
      this.#move(event.target, event.key);
    }
  }

  #move(button, key) {
    const sections = [...this.grid.querySelectorAll("section:not([hidden])")];
    const sizes = sections.map((section) => section.querySelectorAll("button").length);
    const buttons = this.#buttons();
    const place = moved(sizes, buttons.indexOf(button), key);
    if (place < 0) this.search.focus();
    else this.#focus(buttons[place]);
  }

  #focus(button, options) {
    if (!button) return;
    this.#setStop(button);
    button.focus(options);
  }

  // The one button of the grid that Tab reaches.
  #setStop(button) {
    if (this.stop) this.stop.tabIndex = -1;
    this.stop = button;
    if (button) button.tabIndex = 0;
  }

  #preview(emoji) {
    fillPreview(this.preview, this.index?.byEmoji.get(emoji));
  }

  #chooseFirst() {
    const first = this.search.value.trim() && this.#buttons()[0];
    if (first) this.#choose(first.dataset.emoji);
  }

  #choose(emoji) {
    this.panel.hidePopover();
    used(emoji);
    this.onChoose(emoji);
  }

  #toggled(isOpen) {
    if (this.anchor.ariaHasPopup) this.anchor.ariaExpanded = isOpen;
    const lost = !isOpen && document.activeElement === document.body;
    if (lost) [this.before, this.home].find((one) => one?.isConnected && one !== document.body)?.focus();
  }
}
