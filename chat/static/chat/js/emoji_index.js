// Finds emoji by their names and shortcodes in English and their names in Indonesian.

const SEPARATORS = /[\s_.,:;!?&()’'“”"/-]+/;
const MARKS = /\p{M}/gu;

export class EmojiIndex {
  // `groups` as in /emoji.json: [{ name, emoji: [[emoji, name, shortcodes, Indonesian name]] }].
  constructor(groups) {
    this.groups = groups.map(({ name, emoji }) => ({ name, emoji: emoji.map(entry) }));
    this.all = this.groups.flatMap((group) => group.emoji);
    this.byEmoji = new Map(this.all.map((one) => [one.emoji, one]));
  }

  // The best matches: a name or shortcode equal to the query, then those that begin with it, then those in which each
  // word of the query begins a word.
  search(query, most) {
    const wanted = folded(query).trim();
    const words = wanted.split(SEPARATORS).filter(Boolean);
    if (!wanted) return [];
    const found = [[], [], []];
    for (const one of this.all) {
      if (one.names.includes(wanted)) found[0].push(one);
      else if (one.names.some((name) => name.startsWith(wanted))) found[1].push(one);
      else if (words.length && words.every((word) => one.words.includes(` ${word}`))) found[2].push(one);
    }
    return found.flat().slice(0, most);
  }
}

function entry([emoji, name, codes, indonesian]) {
  const code = codes[0] ?? folded(name).replaceAll(" ", "_");
  const names = [name, ...codes, indonesian].map(folded);
  return { emoji, name, code, indonesian, names, words: ` ${names.flatMap((one) => one.split(SEPARATORS)).join(" ")}` };
}

function folded(text) {
  return text.normalize("NFD").replace(MARKS, "").replaceAll("_", " ").toLowerCase();
}
