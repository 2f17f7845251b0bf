// Texts about people: notices of joins and leaves, several in one line, and typing.

const MAX_NAMES = 3;
const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/;

export function names(list) {
  const shown = list.map(isolated);
  if (shown.length <= 1) return shown.join("");
  if (shown.length <= MAX_NAMES) return `${shown.slice(0, -1).join(", ")} and ${shown.at(-1)}`;
  const others = shown.length - (MAX_NAMES - 1);
  return `${shown.slice(0, MAX_NAMES - 1).join(", ")} and ${others} others`;
}

export class PresenceNotice {
  constructor() {
    this.people = new Map(); // id → latest join or leave, in order
  }

  add(kind, user) {
    this.people.delete(user.id);
    this.people.set(user.id, { kind, name: user.name });
    return this.text();
  }

  text() {
    return ["joined", "left"]
      .map((kind) => [kind, [...this.people.values()].filter((one) => one.kind === kind)])
      .filter(([, people]) => people.length)
      .map(([kind, people]) => `${names(people.map((one) => one.name))} ${kind}`)
      .join(" · ");
  }
}

export function typingText(list) {
  if (!list.length) return "";
  return `${names(list)} ${list.length === 1 ? "is" : "are"} typing`;
}

// Keep a right-to-left name from reordering the words around it (first strong isolate).
function isolated(name) {
  return RIGHT_TO_LEFT.test(name) ? `\u2068${name}\u2069` : name;
}
