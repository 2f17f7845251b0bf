"""Notifications in the browser: asking for the permission, notifications of open pages, and pushes.

A headless browser has no push service. So `PushManager.subscribe` of the page is replaced: it returns an
address of the test's push service, which checks and decrypts what the worker sends. The decrypted push is
then given to the real service worker (`ServiceWorker.deliverPushMessage`). The click is an event that the
test makes: there is no desktop.
"""

import json
import time
import uuid

import pytest
from playwright.sync_api import expect

from chat.actions.messages import Draft, post
from chat.actions.notices import new
from chat.actions.room_settings import set_for_me
from chat.models import Membership, PushSubscription
from chatproject.keys import new_vapid_key
from tests.notifications.push_service import PushService
from tests.notifications.worker import worker

AWAY = "document.hasFocus = () => false;"
SUBSCRIBE = """
    PushManager.prototype.subscribe = async function (options) {
      window.subscribedWith = options.applicationServerKey;
      const keys = { p256dh: KEY, auth: AUTH };
      return { endpoint: ENDPOINT, toJSON: () => ({ endpoint: ENDPOINT, keys }) };
    };
    Notification.requestPermission = async () => { window.asked = true; return Notification.permission; };
    window.told = [];
    const show = ServiceWorkerRegistration.prototype.showNotification;
    ServiceWorkerRegistration.prototype.showNotification = function (title, options) {
      window.told.push(options.body);
      return show.call(this, title, options);
    };
"""
SHOWN = """async () => {
    const registration = await navigator.serviceWorker.getRegistration("/");
    const found = await (registration?.getNotifications() ?? []);
    return found.map(({ title, body, data }) => ({ title, body, url: data.url }));
}"""
CLOSE = """async () => {
    const registration = await navigator.serviceWorker.getRegistration("/");
    for (const one of await registration.getNotifications()) one.close();
}"""
CLICK = """async () => {
    const [notification] = await self.registration.getNotifications();
    self.dispatchEvent(new NotificationEvent("notificationclick", { notification }));
}"""
FOLLOWS = "performance.getEntriesByType('resource').some(({ name }) => name.includes('/notices_due'))"
OTHER = {"title": "Attic", "body": "Another", "url": "/rooms/attic/1/", "tag": "room attic", "seq": 1}
PATIENCE = 15  # seconds


@pytest.fixture
def push_settings():
    return {"OBROLAN_PUSH": "on", "OBROLAN_PUSH_PRIVATE": "on", "OBROLAN_VAPID_KEY": new_vapid_key()}


@pytest.fixture
def server(site, push_settings):
    return site.start(**push_settings)


@pytest.fixture
def push_service():
    with PushService() as service:
        yield service


@pytest.fixture
def alices(visitor, alice, push_service):
    """Alice in a browser that can subscribe, and whose page is in the background."""
    browser = push_service.new_browser()
    one = visitor().log_in(alice)
    one.context.grant_permissions(["notifications"])
    known = {"ENDPOINT": browser.endpoint, "KEY": browser.key, "AUTH": browser.auth}
    constants = "".join(f"const {name} = {json.dumps(value)};" for name, value in known.items())
    one.context.add_init_script(f"{{{constants}{SUBSCRIBE}}} {AWAY}")
    return one


def say(room, author, text):
    return post([Draft(room.pk, author.pk, uuid.uuid4(), text)])[0]


def wait_for(page, condition):
    deadline = time.monotonic() + PATIENCE
    while not (found := condition()):
        assert time.monotonic() < deadline, "it did not happen"
        page.wait_for_timeout(100)
    return found


def vault_head(vault):
    vault.refresh_from_db()
    return vault.head


def turn_on(viewer):
    viewer.page.goto("/accounts/notifications/")
    viewer.page.get_by_role("button", name="Turn on notifications").click()
    expect(viewer.page.get_by_text("Notifications are on.")).to_be_visible()


def test_a_mention_notifies_from_an_open_page_once_and_by_push_when_it_is_read_nowhere(
    alices, alice, bob, kitchen, vault, site, push_settings, push_service
):
    page = alices.page
    new.start()
    page.goto("/accounts/notifications/")
    assert not page.evaluate("window.asked ?? false")
    turn_on(alices)
    wait_for(page, PushSubscription.objects.filter(user=alice).exists)
    push_service.public_key = page.evaluate("window.subscribedWith")
    alices.join_room("vault")
    second = alices.new_tab()
    second.goto("/")
    for one in (page, second):  # they know the state of the rooms: only later messages are news
        wait_for(one, lambda one=one: one.evaluate(FOLLOWS))

    message = say(kitchen, bob, f"*Tea*, <@{alice.pk}>?")
    url = f"/rooms/kitchen/{message.seq}/"
    wait_for(page, lambda: page.evaluate(SHOWN))
    assert page.evaluate(SHOWN) == [{"title": "Kitchen", "body": "Bob: *Tea*, @Alice?", "url": url}]

    with worker(site, **push_settings):
        wait_for(page, lambda: push_service.received)
    content = push_service.received[0].content
    assert (content["title"], content["body"], content["url"]) == ("Kitchen", "Bob: Tea, @Alice?", url)
    deliver = deliverer(page, alices.context)
    deliver(content)  # about the message that the page has shown: it stays as it is
    deliver(OTHER)
    wait_for(page, lambda: len(page.evaluate(SHOWN)) == 2)
    assert {"title": "Kitchen", "body": "Bob: *Tea*, @Alice?", "url": url} in page.evaluate(SHOWN)
    assert page.evaluate("told.length") + second.evaluate("told.length") == 1
    page.evaluate(CLOSE)
    second.close()
    page.goto("/accounts/ignored/")  # a page that shows no notifications itself
    deliver(content)
    wait_for(page, lambda: page.evaluate(SHOWN))
    assert page.evaluate(SHOWN) == [{"title": "Kitchen", "body": "Bob: Tea, @Alice?", "url": url}]

    alices.context.service_workers[0].evaluate(CLICK)
    page.wait_for_url(f"**{url}")
    assert page.evaluate(SHOWN) == []

    PushSubscription.objects.all().delete()  # as after a new login
    page.goto("/")
    wait_for(page, PushSubscription.objects.filter(user=alice).exists)
    PushSubscription.objects.all().delete()
    page.goto("/accounts/notifications/")
    wait_for(page, PushSubscription.objects.filter(user=alice).exists)
    page.get_by_role("button", name="Turn off notifications").click()
    expect(page.get_by_text("Notifications are off.")).to_be_visible()


def deliverer(page, context):
    """A function that hands a push to the service worker, as the browser does."""
    devtools = context.new_cdp_session(page)
    registrations = []
    devtools.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda event: registrations.extend(one["registrationId"] for one in event["registrations"]),
    )
    devtools.send("ServiceWorker.enable")
    origin = page.evaluate("location.origin")

    def deliver(content):
        registration = wait_for(page, lambda: registrations)[0]
        message = {"origin": f"{origin}/", "registrationId": registration, "data": json.dumps(content)}
        devtools.send("ServiceWorker.deliverPushMessage", message)

    return deliver


def test_a_muted_room_and_a_room_in_view_notify_nobody(visitor, alices, alice, bob, kitchen, vault):
    page = alices.page
    set_for_me(kitchen, by=alice, notify="nothing")
    turn_on(alices)
    alices.join_room("vault")
    wait_for(page, lambda: page.evaluate(FOLLOWS))
    say(kitchen, bob, f"<@{alice.pk}> muted")
    expect(page.locator('[data-slug="kitchen"]')).to_have_class("room-row muted")
    page.evaluate("document.hasFocus = () => true")
    say(vault, bob, f"<@{alice.pk}> in view")
    expect(page.locator(".message", has_text="in view")).to_be_visible()
    wait_for(page, lambda: Membership.objects.get(user=alice, room=vault).last_read == vault_head(vault))
    expect(page.locator('[data-slug="kitchen"] .mention-count')).to_be_hidden()
    page.evaluate("document.hasFocus = () => false")
    say(vault, bob, f"<@{alice.pk}> away")
    wait_for(page, lambda: page.evaluate("told.length"))
    assert page.evaluate("told") == ["Bob: @Alice away"]


def test_the_first_mention_asks_once_whether_to_be_notified(visitor, alice, bob, kitchen, vault):
    alices = visitor().log_in(alice)
    alices.context.add_init_script(
        f"{AWAY} Object.defineProperty(Notification, 'permission', {{ get: () => 'default' }});"
    )
    alices.join_room("vault")
    page = alices.page
    wait_for(page, lambda: page.evaluate(FOLLOWS))
    say(kitchen, bob, f"<@{alice.pk}>")
    hint = page.locator(".notification-hint")
    expect(hint).to_contain_text("You were mentioned")
    hint.get_by_role("button", name="Not now").click()
    expect(hint).to_have_count(0)
    page.reload()
    assert page.evaluate(f"localStorage.getItem('notifications:{alice.pk}')") == "no"
