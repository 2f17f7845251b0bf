import assert from "node:assert/strict";
import { test } from "node:test";
import { queryAt } from "../../chat/static/chat/js/completion_query.js";
import { MentionSource, matches } from "../../chat/static/chat/js/mention_source.js";
import * as labels from "../../chat/static/chat/js/mention_labels.js";
import { codeRanges, decode, isCode } from "../../chat/static/chat/js/mention_tokens.js";
import { Mentionable } from "../../chat/static/chat/js/mentionable.js";
import { Tab } from "../../chat/static/chat/js/tab.js";
import { Clock } from "./clock.mjs";

const user = (id, name) => ({ id, name, guest: false });

function stored(value = "") {
  return { get: () => value, set: (text) => void (value = text) };
}

function known(...users) {
  const mentionable = new Mentionable(stored());
  for (const one of users) mentionable.know(one);
  return mentionable;
}

function encoded(text, mentionable, chosen = new Map()) {
  return labels.stored(text, mentionable, chosen);
}

test("names become ids: the longest name wins, and it must end where a word ends", () => {
  const people = known(user(7, "Ayu"), user(8, "Ayu Lestari"), user(9, "李"));
  assert.equal(encoded("@Ayu, @Ayu Lestari and @李!", people), "<@7>, <@8> and <@9>!");
  assert.equal(encoded("@Ayu Lestariana", people), "<@7> Lestariana");
  assert.equal(encoded("@Ayub or mail ayu@Ayu.example, @all", people), "@Ayub or mail ayu@Ayu.example, <@all>");
  assert.equal(encoded("@Nobody", people), "@Nobody");
});

test("a mention in code is text, in both directions", () => {
  const people = known(user(7, "Ayu"));
  for (const text of ["`@Ayu`", "``a ` @Ayu``", "```\n@Ayu\n```", "~~~py\n@Ayu", "a\n\n```\n@all\n```\nb"]) {
    assert.equal(encoded(text, people), text);
  }
  assert.equal(encoded("`a` @Ayu `b`", people), "`a` <@7> `b`");
  assert.equal(encoded("a ` b\n\n@Ayu ` c", people), "a ` b\n\n<@7> ` c");
  assert.equal(encoded("\\`@Ayu`", people), "\\`<@7>`");
  assert.equal(decode("`<@7>` <@7> <@all> <@5>", { 7: "Ayu" }), "`<@7>` @Ayu @all @unknown");
});

test("code that is not closed yet counts while somebody types", () => {
  const isOpen = (text) => isCode(codeRanges(text, { open: true }), text.length - 1);
  assert.ok(isOpen("a `b"));
  assert.ok(isOpen("```\nb"));
  assert.ok(!isOpen("`a` b"));
  assert.ok(!isOpen("a `b\n\nc"));
});

test("a very long text is encoded quickly", () => {
  const begun = process.cpuUsage();
  encoded("`@Ayu ``".repeat(2_500), known(user(7, "Ayu")));
  encoded("`@Ayu ``".repeat(40_000), known(user(7, "Ayu")));
  assert.ok(process.cpuUsage(begun).user < 500_000, "microseconds of processor time");
});

test("a name that two people have addresses nobody unless one of them was chosen", () => {
  const people = known(user(7, "Ayu"), user(9, "Ayu"));
  const chosen = new Map();
  assert.equal(encoded("@Ayu", people, chosen), "@Ayu");
  assert.equal(labels.label(9, people, chosen), "Ayu (2)");
  assert.equal(encoded("@Ayu and @Ayu (2)", people, chosen), "@Ayu and <@9>");
  assert.equal(labels.label(7, people, chosen), "Ayu");
  assert.equal(encoded("@Ayu and @Ayu (2)", people, chosen), "<@7> and <@9>");
});

test("a label is never that of somebody else, also when a namesake appears later", () => {
  const people = known(user(9, "Ayu"), user(4, "Ayu (2)"));
  const chosen = new Map();
  assert.equal(labels.label(9, people, chosen), "Ayu");
  people.know(user(7, "Ayu"));
  assert.equal(labels.label(7, people, chosen), "Ayu (3)"); // Ayu (2) is a person
  assert.equal(encoded("@Ayu @Ayu (2) @Ayu (3)", people, chosen), "<@9> <@4> <@7>");
});

test("a new name replaces the old one, and chosen labels stay valid", () => {
  const people = known(user(7, "Ayu"));
  const chosen = new Map();
  labels.label(7, people, chosen);
  people.know(user(7, "Sari"));
  assert.equal(encoded("@Ayu @Sari", people, chosen), "<@7> <@7>");
  assert.equal(encoded("@Ayu", people), "@Ayu");
});

test("names of mentioned people survive a reload, also if storage has something else", () => {
  const store = stored();
  const people = new Mentionable(store);
  people.know(user(7, "Ayu"));
  labels.label(7, people, new Map());
  assert.equal(new Mentionable(store).decode("hi <@7>"), "hi @Ayu");
  for (const wrong of ["{", "7", '{"a":1}', "[1]"]) assert.equal(new Mentionable(stored(wrong)).names.size, 0);
});

test("a query begins at a trigger outside of words and code", () => {
  const sources = [{ trigger: "@", spaces: 2 }, { trigger: ":" }];
  const at = (text) => {
    const found = queryAt(text, text.length, sources);
    return found && `${found.source.trigger}${found.query}`;
  };
  assert.equal(at("hi @ay"), "@ay");
  assert.equal(at("(@Ayu Les"), "@Ayu Les");
  assert.equal(at("@a :smi"), ":smi");
  assert.equal(at("@"), "@");
  for (const text of ["mail ayu@ex", "12:30", "@ ayu", "@a\nb", "@one two three four", ":a b", "`@a", "```\n@a", ""]) {
    assert.equal(at(text), null, text);
  }
  assert.equal(queryAt("@Ayu", 2, sources), null); // the caret is inside a word
  assert.equal(at("`a` @b"), "@b");
});

test("people match by the beginning of any word, without case and accents", () => {
  assert.ok(matches("Ayu Lestari", "le"));
  assert.ok(matches("Élodie", "el"));
  assert.ok(!matches("Ayu Lestari", "es"));
});

function source({ here = [], authors = [], answers = {}, all = false }) {
  const asked = [];
  const clock = new Clock();
  const made = new MentionSource({
    mentionable: known(...here, ...authors),
    people: { sorted: () => here },
    timeline: {
      seqs: authors.map((_, index) => index),
      messages: new Map(authors.map((author, index) => [index, { author }])),
    },
    me: { id: 1 },
    data: { room: "kitchen", mentionAll: all ? "everyone" : "moderators", moderates: "false" },
    ignoring: new Set([4]),
    clock,
    get: async (url) => {
      asked.push(url);
      return answers[url] ?? [];
    },
  });
  return { made, asked, clock };
}

test("people who are here come first, then authors; oneself is left out", () => {
  const { made } = source({ here: [user(1, "Me"), user(2, "Budi")], authors: [user(4, "Bob"), user(3, "Bea"), user(2, "Budi")], all: true }); // 4: ignored
  const labels = (query) => made.find(query, () => {}).map(({ label }) => label);
  assert.deepEqual(labels(""), ["Budi", "Bea", "all"]);
  assert.deepEqual(labels("b"), ["Budi", "Bea"]);
  assert.deepEqual(labels("al"), ["all"]);
  assert.deepEqual(labels("me"), []);
});

test("the server is asked once after a pause, and not again for a longer query that it answered fully", async () => {
  const { made, asked, clock } = source({ answers: { "/rooms/kitchen/people/?q=ci": [user(5, "Citra")] } });
  const updates = [];
  for (const query of ["c", "ci"]) made.find(query, (items) => updates.push(items.map(({ label }) => label)));
  clock.advance?.(1_000);
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(asked, ["/rooms/kitchen/people/?q=ci"]);
  assert.deepEqual(updates, [["Citra"]]);
  assert.deepEqual(made.find("cit", () => {}).map(({ label }) => label), ["Citra"]);
  clock.advance?.(1_000);
  assert.equal(asked.length, 1);
});

test("two people with one name have different labels in the list", () => {
  const { made } = source({ here: [user(3, "Ayu"), user(8, "Ayu")] });
  assert.deepEqual(made.find("a", () => {}).map(({ label }) => label), ["Ayu", "Ayu (2)"]);
});

test("the tab shows mentions before unread messages, and sums rooms and page", () => {
  const seen = { title: "Kitchen" };
  const tab = new Tab({
    title: "Kitchen",
    setTitle: (title) => (seen.title = title),
    setIcon: (icon) => (seen.icon = icon),
  });
  tab.count("here", { unread: 2 });
  assert.deepEqual(seen, { title: "(2) Kitchen", icon: "unread" });
  tab.count("rooms", { unread: 120, mentions: 1 });
  assert.deepEqual(seen, { title: "(@1) Kitchen", icon: "mention" });
  tab.count("rooms", { unread: 120 });
  tab.rename("Dapur");
  assert.deepEqual(seen, { title: "(99+) Dapur", icon: "unread" });
  tab.count("rooms", {});
  tab.count("here", {});
  assert.deepEqual(seen, { title: "Dapur", icon: "plain" });
});
