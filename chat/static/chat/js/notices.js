// Who came and went, in one line for several in a row.

const NAMED = 3;

export function names(list) {
  if (list.length <= 1) return list.join("");
  if (list.length <= NAMED) return `${list.slice(0, -1).join(", ")} and ${list.at(-1)}`;
  const others = list.length - (NAMED - 1);
  return `${list.slice(0, NAMED - 1).join(", ")} and ${others} others`;
}

export class Comings {
  constructor() {
    this.people = new Map(); // id → what they did last, in the order of it
  }

  add(kind, user) {
    this.people.delete(user.id);
    this.people.set(user.id, { kind, name: user.name });
    return this.words();
  }

  words() {
    return ["joined", "left"]
      .map((kind) => [kind, [...this.people.values()].filter((one) => one.kind === kind)])
      .filter(([, people]) => people.length)
      .map(([kind, people]) => `${names(people.map((one) => one.name))} ${kind}`)
      .join(" · ");
  }
}

export function typingWords(list) {
  if (!list.length) return "";
  return `${names(list)} ${list.length === 1 ? "is" : "are"} writing`;
}
