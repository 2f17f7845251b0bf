"""Script injection (XSS): payloads in messages, display names, room names and topics, on every page.

A test fails on a dialog, a violation of the Content-Security-Policy, or a foreign element or request.
"""

import re
import uuid

import pytest
from playwright.sync_api import expect

from chat.actions.messages import Draft, post
from chat.models import Membership, Message, Presence, Room, User
from tests.input.payloads import DO, PAYLOADS

pytestmark = pytest.mark.once

SHORT_SCRIPT = "alert(1)"
PAGES = ["/", "/rooms/kitchen/", "/rooms/kitchen/1/", "/rooms/new/"]
ADMIN_PAGES = [
    "/admin/",
    "/admin/chat/message/",
    "/admin/chat/room/",
    "/admin/chat/user/",
]
FIND_INJECTIONS = """() => {
    const allowed = new Set(["P", "BR", "A", "STRONG", "EM", "S", "CODE", "PRE", "BLOCKQUOTE", "UL", "OL",
        "LI", "DIV", "TABLE", "THEAD", "TBODY", "TR", "TH", "TD", "INPUT"]);
    const attributes = ["href", "rel", "target", "start", "dir", "data-language"];
    const classes = ["table", "task", "right", "center", "code"];
    const isTask = (element) => element.matches("li.task input[type=checkbox][disabled]");
    const foreign = new Set(["IFRAME", "OBJECT", "EMBED", "BASE", "MARQUEE", "AUDIO", "VIDEO", "MATH", "XSS",
        "SLOT", "FRAME", "FRAMESET", "APPLET", "FOREIGNOBJECT", "ANIMATE", "STYLE"]);
    const urlAttributes = ["href", "src", "action", "formaction", "data", "srcset", "srcdoc", "xlink:href"];
    const found = window.pwned ? ["a payload ran"] : [];
    for (const element of document.querySelectorAll("*")) {
        const tag = element.tagName.toUpperCase();
        const html = element.outerHTML.slice(0, 200);
        if (foreign.has(tag)) found.push(html);
        if (tag === "SCRIPT" && !element.src && element.type !== "application/json") found.push(html);
        if (element.src && !element.src.startsWith(location.origin)) found.push(html);
        if (tag === "LINK" && !element.href.startsWith(location.origin)) found.push(html);
        if (tag === "META" && element.httpEquiv) found.push(html);
        for (const { name, value } of element.attributes) {
            if (name.startsWith("on")) found.push(html);
            if (name === "style" && /evil|fixed|animation/.test(value)) found.push(html);
            const isUrl = urlAttributes.includes(name);
            if (isUrl && /^[^a-z]*(javascript|data|vbscript|file):/i.test(value)) found.push(html);
        }
    }
    const added = ["tabindex", "role", "aria-label"]; // by js/blocks.js, to scroll a wide block
    for (const element of document.querySelectorAll(".words *")) {
        if (element.matches(".code > button.copy[type=button]") && element.attributes.length === 2) continue;
        if (!allowed.has(element.tagName)) found.push(element.outerHTML);
        for (const { name } of element.attributes) {
            if (name === "class" && [...element.classList].every((one) => classes.includes(one))) continue;
            if (isTask(element) && ["type", "checked", "disabled", "aria-label"].includes(name)) continue;
            if (element.matches("pre, .table") && added.includes(name)) continue;
            if (!attributes.includes(name)) found.push(element.outerHTML);
        }
        if (element.dir && element.dir !== "auto") found.push(element.outerHTML);
    }
    return found;
}"""


def shorten(payload: str, length: int) -> str:
    return payload.replace(DO, SHORT_SCRIPT)[:length]


@pytest.fixture
def hostile_users(kitchen, bob):
    """Users and rooms with payloads as their names. Returns the users."""
    bob.is_staff = bob.is_superuser = True
    bob.save()
    users = User.objects.bulk_create(
        [
            User(
                username=f"guest:{n}", name=shorten(payload, 40), name_key=f"{n}", is_guest=True, password="!"
            )
            for n, payload in enumerate(PAYLOADS)
        ]
    )
    rooms = Room.objects.bulk_create(
        [
            # Private: the names of public rooms are unique, and several shortened payloads are equal.
            Room(slug=f"room-{n}", name=shorten(payload, 60), topic=shorten(payload, 200), kind=Room.PRIVATE)
            for n, payload in enumerate(PAYLOADS)
        ]
    )
    Membership.objects.bulk_create([Membership(room=kitchen, user=user) for user in users])
    Membership.objects.bulk_create([Membership(room=room, user=bob) for room in rooms])
    return users


def post_payloads(room, users) -> None:
    drafts = [
        Draft(room.pk, user.pk, uuid.uuid4(), payload) for user, payload in zip(users, PAYLOADS, strict=True)
    ]
    assert all(isinstance(result, Message) for result in post(drafts))


@pytest.fixture
def reader(visitor, bob, hostile_users):
    """A moderator's browser. Each effect of a payload is recorded in `reader.errors`."""
    reader = visitor().log_in(bob)
    reader.page.on(
        "dialog", lambda dialog: (reader.errors.append(f"dialog: {dialog.message}"), dialog.dismiss())
    )
    reader.page.on("request", lambda request: "evil" in request.url and reader.errors.append(request.url))
    return reader


def assert_no_injection(reader) -> None:
    reader.errors += reader.page.evaluate(FIND_INJECTIONS)
    assert reader.errors == []


def test_payloads_in_messages_and_names_are_shown_as_text_on_every_page(reader, kitchen, hostile_users):
    post_payloads(kitchen, hostile_users)
    Presence.objects.bulk_create(
        [Presence(process=uuid.uuid4(), room=kitchen, user=user) for user in hostile_users]
    )
    message, user = Message.objects.first(), hostile_users[0]
    changes = [
        f"/admin/chat/message/{message.pk}/change/",
        f"/admin/chat/room/{Room.objects.get(slug='room-0').pk}/change/",
        f"/admin/chat/user/{user.pk}/change/",
    ]
    rooms = [f"/rooms/room-{n}/" for n in range(0, len(PAYLOADS), 10)]
    for path in [*PAGES, *rooms, *ADMIN_PAGES, *changes]:
        response = reader.page.goto(path)
        assert response.status == 200, path
        assert_no_injection(reader)


def test_payloads_in_live_messages_and_in_history_are_shown_as_text(reader, kitchen, hostile_users):
    reader.join_room("kitchen")
    post_payloads(kitchen, hostile_users)
    expect(reader.page.locator(".message:not(.pending)")).to_have_count(len(PAYLOADS))
    assert_no_injection(reader)
    post_payloads(kitchen, hostile_users)
    Membership.objects.update(last_read=2 * len(PAYLOADS))  # the room opens at its end
    reader.join_room("kitchen")
    for shown in (60, 110, 160):
        reader.scroll_to(1_000_000)
        expect(reader.page.locator(".message").nth(shown)).to_be_attached()
    assert_no_injection(reader)


def test_payloads_in_join_notices_are_shown_as_text(reader, kitchen, hostile_users):
    reader.join_room("kitchen")
    Presence.objects.bulk_create(
        [Presence(process=uuid.uuid4(), room=kitchen, user=user) for user in hostile_users]
    )
    expect(reader.page.locator("[data-people-count]").first).to_have_text(re.compile(r"^1\d\d$"))
    assert_no_injection(reader)
