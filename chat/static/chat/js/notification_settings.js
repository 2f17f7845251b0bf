// The part of the settings page that is about this device.

import { device } from './device.js';

const part = document.querySelector("[data-device]");
const [state, help, button] = ["state", "help", "button"].map((name) => part.querySelector(`[data-device-${name}]`));

button.addEventListener("click", async () => {
  button.disabled = true;
  try {
    if (device.isOn) await device.turnOff();
    else await device.turnOn(part.dataset.pushKey);
    show();
  } catch {
    state.textContent = "That did not work. Try again when you are online.";
  }
  button.disabled = false;
});
show();
device.renew(part.dataset.pushKey, part.dataset.subscribed === "yes").catch(() => {}); // the next page tries again

function show() {
  const isBlocked = device.isSupported && Notification.permission === "denied";
  state.textContent = words(isBlocked);
  button.hidden = !device.isSupported || isBlocked;
  button.textContent = device.isOn ? "Turn off notifications" : "Turn on notifications";
  button.classList.toggle("quiet", device.isOn);
  help.hidden = !device.isOn;
}

function words(isBlocked) {
  if (!device.isSupported) return "This browser does not support notifications here.";
  if (isBlocked) return "Your browser blocks notifications of this site. Allow them in the browser's settings of this site.";
  return device.isOn ? "Notifications are on." : "Notifications are off.";
}
