// The service worker, served at /sw.js: it shows pushes, and opens the room at a click. It caches nothing.

const ICON = "/static/chat/icon-192.png";

addEventListener("install", () => self.skipWaiting());
addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
addEventListener("push", (event) => event.waitUntil(show(event.data)));
addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(open(event.notification.data.url));
});

async function show(data) {
  const push = read(data);
  if (await isInView(push)) return;
  const [shown] = await self.registration.getNotifications({ tag: push.tag });
  // An open page may have shown this message already. The browser wants a notification for each push, so the same one
  // is shown again, silently.
  const isNew = !shown || !push.seq || shown.data.seq < push.seq;
  await self.registration.showNotification(isNew ? push.title : shown.title, {
    body: isNew ? push.body : shown.body,
    tag: push.tag,
    icon: ICON,
    renotify: isNew,
    silent: !isNew,
    data: isNew ? { url: push.url, seq: push.seq } : shown.data,
  });
}

function read(data) {
  try {
    return data.json();
  } catch {
    return { title: "Obrolan", body: "You have new messages", tag: "rooms", url: "/", seq: 0 };
  }
}

// Whether the user looks at the room. Browsers allow that such a push shows nothing.
async function isInView({ url }) {
  const room = url.split("/").slice(0, 3).join("/");
  const windows = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  return windows.some((one) => one.focused && new URL(one.url).pathname.startsWith(`${room}/`));
}

async function open(url) {
  const address = new URL(url, self.location.origin);
  const windows = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  const room = address.pathname.split("/").slice(0, 3).join("/");
  const there = windows.find((one) => new URL(one.url).pathname.startsWith(`${room}/`)) ?? windows[0];
  if (there) {
    await there.focus().catch(() => {});
    const moved = await there.navigate(address.href).catch(() => null);
    if (moved) return;
  }
  await self.clients.openWindow(address.href);
}
