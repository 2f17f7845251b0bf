// Asks once, after the first mention that the user did not see, whether to be notified on this device.

import { device } from './device.js';

let hint = null;

export function showHint(pushKey) {
  if (hint) return;
  hint = document.createElement("aside");
  hint.className = "notification-hint";
  hint.setAttribute("role", "status");
  const words = document.createElement("p");
  words.textContent = "You were mentioned. Do you want to be notified on this device?";
  const yes = button("Turn on notifications", "button small", () => device.turnOn(pushKey).catch(() => {}));
  const no = button("Not now", "button quiet small", () => device.dismiss());
  hint.append(words, yes, no);
  document.body.append(hint);
}

function button(label, classes, act) {
  const element = document.createElement("button");
  element.type = "button";
  element.className = classes;
  element.textContent = label;
  element.addEventListener("click", () => {
    hint.remove();
    act();
  });
  return element;
}
