// The bar above the composer: the message that is answered. Loaded with the first reply.

import { quoteOf } from './excerpt.js';
import { fillQuoteText } from './row.js';

let opened = false;

export function showReplying(quote, { bar, composer, scroller, timeline, pager, isOld }) {
  if (quote && (isOld || !opened)) refresh(quote, { composer, timeline, pager });
  if (!opened) open(bar, composer);
  scroller.keep(() => {
    bar.hidden = !quote;
    if (!quote) return;
    bar.querySelector("[data-replying-author]").textContent = quote.author.name;
    fillQuoteText(bar.querySelector("[data-replying-text]"), quote);
  });
}

// The quote of a draft may be older than the page. Without a catch-up there was no event for its changes.
async function refresh({ seq }, { composer, timeline, pager }) {
  const original = timeline.messages.get(seq) ?? (await pager.one(seq));
  if (original) composer.requote(quoteOf(original));
}

function open(bar, composer) {
  opened = true;
  bar.querySelector("button").addEventListener("click", () => composer.reply(null));
  composer.form.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.defaultPrevented || !composer.quote) return;
    event.preventDefault(); // an open list of completions is closed first
    composer.reply(null);
  });
}
