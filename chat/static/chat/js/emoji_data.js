// The emoji of /emoji.json, requested once, and those that this person used last.

import { EmojiIndex } from './emoji_index.js';
import { storedValue } from './storage.js';

const RECENT = 24; // emoji: three rows of the picker

const stored = storedValue("emoji:recent");
let loading = null;

// Rejects if the emoji cannot be loaded. The next call tries again.
export function loadEmoji() {
  loading ??= request().catch((error) => {
    loading = null;
    throw error;
  });
  return loading;
}

async function request() {
  const answer = await fetch("/emoji.json");
  if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
  return new EmojiIndex((await answer.json()).groups);
}

// The entries of the emoji used last, latest first.
export function recentEmoji(index) {
  return stored.get().split(" ").map((emoji) => index.byEmoji.get(emoji)).filter(Boolean);
}

export function used(emoji) {
  stored.set(withRecent(stored.get(), emoji));
}

export function withRecent(list, emoji) {
  const others = list.split(" ").filter((one) => one && one !== emoji);
  return [emoji, ...others].slice(0, RECENT).join(" ");
}
