// The draft of a room in local storage: { text, names, quote }. `text` is the text as it is shown, `names` has the
// people whom it may mention by id, `quote` is the message that it answers. The draft survives a reload and a change of
// room. All tabs show the same one, except a tab with changes that are not stored yet.

const SAVE_AFTER = 300; // milliseconds without a change; each key would store the whole text again
const NOTHING = { text: "", names: {}, quote: null };

export class Draft {
  // `stored` is the value in storage: { get(), set(text) }.
  constructor({ key, stored, page = globalThis, clock = globalThis }) {
    Object.assign(this, { key, stored, page, clock });
    this.unsaved = false;
  }

  load() {
    return parsed(this.stored.get());
  }

  // `read()` returns the draft on the page. `show(draft)` shows one of another tab.
  open({ read, show }) {
    this.read = read;
    const showOther = (draft) => this.unsaved || show(draft);
    this.page.addEventListener("pagehide", () => this.save());
    this.page.addEventListener("pageshow", (event) => event.persisted && showOther(this.load()));
    this.page.addEventListener("storage", ({ key, newValue }) => key === this.key && showOther(parsed(newValue)));
  }

  // Call after each change of the page.
  changed() {
    this.unsaved = true;
    this.clock.clearTimeout(this.timer);
    this.timer = this.clock.setTimeout(() => this.save(), SAVE_AFTER);
  }

  save() {
    if (this.unsaved) this.#store(this.read());
  }

  // The message was sent.
  clear() {
    this.#store(NOTHING);
  }

  #store(draft) {
    this.clock.clearTimeout(this.timer);
    this.unsaved = false;
    this.stored.set(draft.text || draft.quote ? JSON.stringify(draft) : "");
  }
}

// A draft from storage. Earlier versions stored the text alone.
function parsed(value) {
  if (!value) return NOTHING;
  try {
    const { text, names, quote } = JSON.parse(value);
    if (typeof text === "string") return { text, names: names ?? {}, quote: quote?.author ? quote : null };
  } catch {
    // Not JSON: a text.
  }
  return { ...NOTHING, text: value };
}
