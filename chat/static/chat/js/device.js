// Notifications on this device: the browser's permission, and the subscription to pushes for closed pages.

import { storedValue } from './storage.js';

const user = document.querySelector(".me[data-user]")?.dataset.user; // several people may share a device
const chosen = storedValue(`notifications:${user}`); // "on": turned on here; "no": declined

export const device = {
  get isSupported() {
    return "Notification" in globalThis && "serviceWorker" in navigator;
  },
  get isOn() {
    return this.isSupported && chosen.get() === "on" && Notification.permission === "granted";
  },
  get mayHint() {
    return this.isSupported && chosen.get() === "" && Notification.permission === "default";
  },
  dismiss: () => chosen.set("no"),

  // Call it in the handler of a gesture: the browser asks the user. Returns whether it is on.
  async turnOn(pushKey) {
    if ((await Notification.requestPermission()) !== "granted") return false;
    chosen.set("on");
    await this.subscribe(pushKey);
    return true;
  },

  async turnOff() {
    chosen.set("no");
    const registration = await navigator.serviceWorker.getRegistration("/");
    const subscription = await registration?.pushManager?.getSubscription();
    if (!subscription) return;
    await tell("DELETE", { endpoint: subscription.endpoint }).catch(() => {}); // the push service says it is gone
    await subscription.unsubscribe();
  },

  // Subscribe again if the server has no subscription of this session: a new login, a new password and failing
  // pushes end it.
  async renew(pushKey, isSubscribed) {
    if (this.isOn && pushKey && !isSubscribed) await this.subscribe(pushKey);
  },

  // Without a push service, notifications still arrive from open pages.
  async subscribe(pushKey) {
    const registration = await navigator.serviceWorker.register("/sw.js");
    if (!pushKey || !registration.pushManager) return;
    const options = { userVisibleOnly: true, applicationServerKey: pushKey };
    const ready = await navigator.serviceWorker.ready;
    const subscription = await ready.pushManager.subscribe(options).catch(async () => {
      const old = await ready.pushManager.getSubscription(); // of another key of the site
      await old?.unsubscribe();
      return old && ready.pushManager.subscribe(options).catch(() => null);
    });
    if (subscription) await tell("POST", subscription.toJSON());
  },
};

async function tell(method, body) {
  const token = document.querySelector("[name=csrfmiddlewaretoken]")?.value;
  const headers = { "Content-Type": "application/json", "X-CSRFToken": token, Accept: "application/json" };
  const content = JSON.stringify(body);
  const answer = await fetch("/push/subscriptions/", Object.assign({ headers, body: content }, { method }));
  if (!answer.ok) throw new Error(`${answer.status}`);
}
