// The line below a message's text box: which keys do what, the number of characters, and whether there are too many.

import { TEXT_LENGTH, TOO_LONG, textLength } from './limits.js';

const COUNT_FROM = 3_500; // characters

export class LengthHint {
  // `form` has the text box `area`; `hint` is the line.
  constructor({ form, area, hint }) {
    Object.assign(this, { form, area });
    this.keys = hint.querySelector("[data-keys]");
    this.counter = hint.querySelector("[data-counter]");
    this.tooLong = hint.querySelector("[data-too-long]");
  }

  show({ text, enterSends }) {
    const length = text.length < COUNT_FROM ? 0 : textLength(text); // the length in UTF-16 units is never smaller
    const over = length > TEXT_LENGTH;
    this.counter.hidden = length < COUNT_FROM;
    this.counter.textContent = `${formatNumber(length)} / ${formatNumber(TEXT_LENGTH)}`;
    this.keys.hidden = over || !enterSends;
    if (Boolean(this.tooLong.textContent) === over) return;
    this.tooLong.textContent = over ? TOO_LONG : "";
    this.form.classList.toggle("too-long", over);
    this.area.setAttribute("aria-invalid", over);
  }
}

function formatNumber(number) {
  return number.toLocaleString("en");
}
