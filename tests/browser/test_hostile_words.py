"""A hundred payloads as texts, names, room titles and topics, on every page that shows them.

No dialog, no report of the Content-Security-Policy, no element or request that the page did not make.
"""

import re
import uuid

import pytest
from playwright.sync_api import expect

from chat.actions.messages import Draft, post
from chat.models import Membership, Message, Presence, Room, User
from tests.input.payloads import DO, PAYLOADS

SHORT = "alert(1)"
PAGES = ["/", "/rooms/kitchen/", "/rooms/kitchen/1/", "/rooms/new/"]
ADMIN = [
    "/admin/",
    "/admin/chat/message/",
    "/admin/chat/room/",
    "/admin/chat/user/",
]
FOREIGN = """() => {
    const words = new Set(["P", "BR", "A", "STRONG", "EM", "CODE", "PRE", "BLOCKQUOTE", "UL", "OL", "LI"]);
    const never = new Set(["IFRAME", "OBJECT", "EMBED", "BASE", "MARQUEE", "AUDIO", "VIDEO", "MATH", "XSS",
        "SLOT", "FRAME", "FRAMESET", "APPLET", "FOREIGNOBJECT", "ANIMATE", "STYLE"]);
    const addresses = ["href", "src", "action", "formaction", "data", "srcset", "srcdoc", "xlink:href"];
    const found = window.pwned ? ["a payload ran"] : [];
    for (const element of document.querySelectorAll("*")) {
        const tag = element.tagName.toUpperCase();
        const told = element.outerHTML.slice(0, 200);
        if (never.has(tag)) found.push(told);
        if (tag === "SCRIPT" && !element.src && element.type !== "application/json") found.push(told);
        if (element.src && !element.src.startsWith(location.origin)) found.push(told);
        if (tag === "LINK" && !element.href.startsWith(location.origin)) found.push(told);
        if (tag === "META" && element.httpEquiv) found.push(told);
        for (const { name, value } of element.attributes) {
            if (name.startsWith("on")) found.push(told);
            if (name === "style" && /evil|fixed|animation/.test(value)) found.push(told);
            const leads = addresses.includes(name) && /^[^a-z]*(javascript|data|vbscript|file):/i.test(value);
            if (leads) found.push(told);
        }
    }
    for (const element of document.querySelectorAll(".words *")) {
        if (!words.has(element.tagName)) found.push(element.outerHTML);
        for (const { name } of element.attributes) {
            if (!["href", "rel", "target", "start"].includes(name)) found.push(element.outerHTML);
        }
    }
    return found;
}"""


def cut(payload: str, length: int) -> str:
    """What of it the database would take; `\\0` cannot get there."""
    return payload.replace(DO, SHORT)[:length]


@pytest.fixture
def hostile_place(kitchen, bob):
    """Everything that people can name or say is a payload. Returns who said it."""
    bob.is_staff = bob.is_superuser = True
    bob.save()
    people = User.objects.bulk_create(
        [
            User(username=f"guest:{n}", name=cut(payload, 40), name_key=f"{n}", is_guest=True, password="!")
            for n, payload in enumerate(PAYLOADS)
        ]
    )
    rooms = Room.objects.bulk_create(
        [
            # Private, since several payloads begin alike and the names of public rooms are unique.
            Room(slug=f"room-{n}", name=cut(payload, 60), topic=cut(payload, 200), kind=Room.PRIVATE)
            for n, payload in enumerate(PAYLOADS)
        ]
    )
    Membership.objects.bulk_create([Membership(room=kitchen, user=person) for person in people])
    Membership.objects.bulk_create([Membership(room=room, user=bob) for room in rooms])
    return people


def say_all(room, people) -> None:
    drafts = [
        Draft(room.pk, person.pk, uuid.uuid4(), payload)
        for person, payload in zip(people, PAYLOADS, strict=True)
    ]
    assert all(isinstance(result, Message) for result in post(drafts))


@pytest.fixture
def reader(visitor, bob, hostile_place):
    """A moderator who looks at everything; whatever a payload achieves is a complaint."""
    reader = visitor().sign_in(bob)
    reader.page.on(
        "dialog", lambda dialog: (reader.complaints.append(f"dialog: {dialog.message}"), dialog.dismiss())
    )
    reader.page.on("request", lambda request: "evil" in request.url and reader.complaints.append(request.url))
    return reader


def look(reader) -> None:
    reader.complaints += reader.page.evaluate(FOREIGN)
    assert reader.complaints == []


def test_what_was_said_and_named_is_shown_as_words_on_every_page(reader, kitchen, hostile_place):
    say_all(kitchen, hostile_place)
    Presence.objects.bulk_create(
        [Presence(process=uuid.uuid4(), room=kitchen, user=person) for person in hostile_place]
    )
    message, person = Message.objects.first(), hostile_place[0]
    changes = [
        f"/admin/chat/message/{message.pk}/change/",
        f"/admin/chat/room/{Room.objects.get(slug='room-0').pk}/change/",
        f"/admin/chat/user/{person.pk}/change/",
    ]
    rooms = [f"/rooms/room-{n}/" for n in range(0, len(PAYLOADS), 10)]
    for path in [*PAGES, *rooms, *ADMIN, *changes]:
        answer = reader.page.goto(path)
        assert answer.status == 200, path
        look(reader)


def test_what_comes_live_and_what_is_read_back_is_shown_as_words(reader, kitchen, hostile_place):
    reader.join_room("kitchen")
    say_all(kitchen, hostile_place)
    expect(reader.page.locator(".message:not(.pending)")).to_have_count(len(PAYLOADS))
    look(reader)
    say_all(kitchen, hostile_place)
    reader.join_room("kitchen")
    for shown in (60, 110, 160):
        reader.scroll_to(1_000_000)
        expect(reader.page.locator(".message").nth(shown)).to_be_attached()
    look(reader)


def test_who_comes_in_is_announced_in_words(reader, kitchen, hostile_place):
    reader.join_room("kitchen")
    Presence.objects.bulk_create(
        [Presence(process=uuid.uuid4(), room=kitchen, user=person) for person in hostile_place]
    )
    expect(reader.page.locator("[data-people-count]").first).to_have_text(re.compile(r"^1\d\d$"))
    look(reader)
