// The button that copies a new invite link.

import { copy } from './clipboard.js';

const link = document.querySelector("[data-made-link]");
const button = document.querySelector("[data-copy-link]");
const answer = document.querySelector("[data-copied]");

button.hidden = false;
button.addEventListener("click", () =>
  copy(link.value).then(
    () => (answer.textContent = "Copied"),
    () => {
      link.select();
      answer.textContent = "The browser did not allow copying. Copy the selected link.";
    },
  ),
);
