// What is completed in text boxes: emoji and people. Loaded when the first trigger is typed.

import { emojiSource } from './emoji_completion.js';
import { MentionSource } from './mention_source.js';

let sources = null; // the same for all text boxes

// `parts`: what MentionSource needs.
export function completionSources(parts) {
  return (sources ??= [emojiSource, new MentionSource(parts)]);
}
