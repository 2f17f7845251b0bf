// The names of the people who reacted, in a tooltip above a chip.

const LISTED = 10; // names; the others are counted
const HIDE_AFTER = 150; // milliseconds; the pointer may move to the tooltip

// "You, Ayu and 3 others reacted with 👍" as a list of texts and { name }. `nameOf(id)` is undefined for a stranger.
export function namesOf(ids, emoji, me, nameOf) {
  const names = ids.filter((id) => id !== me).map(nameOf).filter(Boolean);
  const listed = [...(ids.includes(me) ? ["You"] : []), ...names.map((name) => ({ name }))].slice(0, LISTED);
  const others = ids.length - listed.length;
  const parts = others ? [...listed, listed.length ? counted(others) : people(others)] : listed;
  const joined = parts.flatMap((part, index) => (index ? [index < parts.length - 1 ? ", " : " and ", part] : [part]));
  return [...joined, ` reacted with ${emoji}`];
}

// Whether a name that the tooltip lists is missing.
export function isIncomplete(ids, me, nameOf) {
  return ids.slice(0, LISTED).some((id) => id !== me && !nameOf(id));
}

function counted(others) {
  return others === 1 ? "1 other" : `${others} others`;
}

function people(number) {
  return number === 1 ? "1 person" : `${number} people`;
}

export class ReactionNames {
  // `page` is the `Reactions` of the page.
  constructor(page) {
    this.page = page;
    this.fetched = new Map(); // id → name
    this.asked = new Set(); // "seq:rev" of messages whose names were requested
    this.tip = document.createElement("p");
    this.tip.id = "reaction-names";
    this.tip.className = "reaction-names";
    this.tip.role = "tooltip";
    this.tip.popover = "manual";
    document.body.append(this.tip);
    addEventListener("pointerout", (event) => this.#left(event));
    addEventListener("focusout", () => this.hide());
    addEventListener("scroll", () => this.chip && this.#place(), { capture: true, passive: true });
    addEventListener("keydown", (event) => event.key === "Escape" && this.hide());
    new MutationObserver(() => this.#renew()).observe(this.page.messageList.list, {
      subtree: true,
      childList: true,
      attributeFilter: ["aria-pressed"],
    });
  }

  show(chip) {
    clearTimeout(this.hiding);
    if (this.chip !== chip) this.hide();
    if (!chip.isConnected) return; // removed while this code was loading
    this.chip = chip;
    this.#fill();
    chip.setAttribute("aria-describedby", this.tip.id);
    if (!this.tip.matches(":popover-open")) this.tip.showPopover();
    this.#place();
  }

  hide() {
    this.chip?.removeAttribute("aria-describedby");
    this.chip = null;
    if (this.tip.matches(":popover-open")) this.tip.hidePopover();
  }

  #fill() {
    const { seq, emoji, ids } = this.#reaction();
    const { id: me } = this.page.me;
    const nameOf = (id) => this.#nameOf(id);
    const parts = namesOf(ids, emoji, me, nameOf).map((part) => {
      if (typeof part === "string") return part;
      const name = document.createElement("bdi");
      name.textContent = part.name;
      return name;
    });
    this.tip.replaceChildren(...parts);
    if (isIncomplete(ids, me, nameOf)) this.#fetch(seq);
  }

  #reaction() {
    const emoji = this.chip.parentElement.dataset.emoji;
    const seq = Number(this.chip.closest("[data-seq]").dataset.seq);
    const { id: me } = this.page.me;
    const known = (this.page.timeline.messages.get(seq)?.reactions[emoji] ?? []).filter((id) => id !== me);
    return { seq, emoji, ids: this.chip.ariaPressed === "true" ? [me, ...known] : known };
  }

  #nameOf(id) {
    const present = this.page.people.known.get(id)?.name ?? this.fetched.get(id);
    if (present) return present;
    for (const { author } of this.page.timeline.messages.values()) if (author.id === id) return author.name;
    return undefined;
  }

  async #fetch(seq) {
    const key = `${seq}:${this.page.timeline.messages.get(seq).rev}`;
    if (this.asked.has(key)) return;
    this.asked.add(key);
    try {
      const answer = await fetch(`${this.page.url()}${seq}/reactions/`, { headers: { Accept: "application/json" } });
      const { people } = await answer.json();
      for (const [id, name] of Object.entries(people)) this.fetched.set(Number(id), name);
      this.#renew();
    } catch {
      this.asked.delete(key); // offline, or refused: the tooltip counts these people
    }
  }

  #renew() {
    if (!this.chip) return;
    if (!this.chip.isConnected) this.hide();
    else {
      this.#fill();
      this.#place();
    }
  }

  #left({ target, relatedTarget }) {
    if (!this.chip || !(this.chip.contains(target) || this.tip.contains(target))) return;
    if (this.chip.contains(relatedTarget) || this.tip.contains(relatedTarget)) return clearTimeout(this.hiding);
    if (!this.chip.matches(":focus-visible")) this.hiding = setTimeout(() => this.hide(), HIDE_AFTER);
  }

  #place() {
    const chip = this.chip.getBoundingClientRect();
    const tip = this.tip.getBoundingClientRect();
    const left = Math.min(chip.left + chip.width / 2 - tip.width / 2, innerWidth - tip.width - 8);
    const above = chip.top - tip.height - 6;
    this.tip.style.left = `${Math.max(8, left)}px`;
    this.tip.style.top = `${above > 8 ? above : chip.bottom + 6}px`;
  }
}
