"""A tab has one socket, and its title, icon, list of rooms and unread line follow all rooms of the person."""

import uuid

import pytest
from playwright.sync_api import expect

from chat.actions import members, rooms
from chat.actions.messages import Draft, post
from chat.actions.reading import mark_read, mark_unread
from chat.models import Membership, Room
from tests.browser.test_notifications import FOLLOWS, wait_for

from .visitor import WITHIN

AWAY = """
    document.hasFocus = () => false;
    ServiceWorkerRegistration.prototype.showNotification = (title, { body }) => {
      document.documentElement.dataset.told = `${title}: ${body}`;
    };
"""
PHONE = {"viewport": {"width": 390, "height": 760}, "has_touch": True, "is_mobile": True}
WIDE = {"viewport": {"width": 1200, "height": 800}}


@pytest.fixture
def attic(alice, bob):
    room = Room.objects.create(slug="attic", name="Attic")
    Membership.objects.create(room=room, user=alice)
    Membership.objects.create(room=room, user=bob, role=Membership.OWNER)
    return room


@pytest.fixture(params=[WIDE, PHONE], ids=["wide", "phone"])
def tab(request, visitor, alice, bob, kitchen, attic):
    """Alice's tab in the kitchen, whose three messages she has read. `tab.sockets` has their addresses."""
    for _ in range(3):
        say(kitchen, bob)
    mark_read({(kitchen.pk, alice.pk): 3})
    reader = visitor(**request.param).log_in(alice)
    reader.sockets = []
    reader.page.on("websocket", lambda socket: reader.sockets.append(socket.url.split("/", 3)[3]))
    reader.context.grant_permissions(["notifications"])
    reader.page.add_init_script(f"localStorage.setItem('notifications:{alice.pk}', 'on'); {AWAY}")
    return reader.join_room("kitchen")


def say(room, author, text="Hello"):
    return post([Draft(room.pk, author.pk, uuid.uuid4(), text)])[0]


def row(page, slug):
    return page.locator(f'.rooms-side [data-slug="{slug}"]')


def test_the_tab_follows_other_rooms_and_devices_with_one_socket(tab, alice, bob, kitchen, attic):
    page = tab.page
    expect(page).to_have_title("Kitchen · Obrolan")
    wait_for(page, lambda: page.evaluate(FOLLOWS))  # it knows the state of the rooms: later messages are news
    say(attic, bob, f"<@{alice.pk}>")
    expect(page).to_have_title("(@1) Kitchen · Obrolan", timeout=WITHIN)
    icon = page.locator("link[data-plain]")
    expect(icon).to_have_attribute("href", icon.get_attribute("data-mention"))
    expect(page.locator("[data-mentions-total] .count").first).to_have_text("1")
    expect(page.locator("html")).to_have_attribute("data-told", "Attic: Bob: @Alice")
    mark_read({(attic.pk, alice.pk): 1})
    expect(page).to_have_title("Kitchen · Obrolan", timeout=WITHIN)
    mark_unread({(kitchen.pk, alice.pk): 2})
    expect(page).to_have_title("(2) Kitchen · Obrolan", timeout=WITHIN)
    expect(page.locator("[data-unread-line] ~ .message").first).to_have_attribute("data-seq", "2")
    mark_read({(kitchen.pk, alice.pk): 3})
    expect(page).to_have_title("Kitchen · Obrolan", timeout=WITHIN)
    expect(page.locator("[data-messages] [data-unread-line]")).to_have_count(0)
    assert tab.sockets == ["ws/rooms/kitchen/"]


def test_the_list_of_rooms_follows_renames_new_and_removed_rooms(tab, alice, bob, kitchen, attic):
    page = tab.page
    private = rooms.update(attic, by=bob, name="Loteng", kind=Room.PRIVATE)
    expect(row(page, private.slug).locator(".room-name bdi")).to_have_text("Loteng")
    expect(row(page, "attic")).to_have_count(0)
    members.enter(Room.objects.create(slug="garden", name="Garden"), alice)
    expect(row(page, "garden").locator(".room-link")).to_have_attribute("href", "/rooms/garden/")
    members.remove(private, alice, by=bob)
    expect(row(page, private.slug)).to_have_count(0)
    expect(row(page, "kitchen")).to_have_class("room-row here")
    assert tab.sockets == ["ws/rooms/kitchen/"]


def test_the_lobby_has_one_socket_too(tab, alice, bob, attic):
    page = tab.page
    tab.sockets.clear()
    page.goto("/")
    say(attic, bob)
    expect(page.locator('[data-slug="attic"] .unread-count .count')).to_have_text("1")
    expect(page).to_have_title("(1) Rooms · Obrolan")
    assert tab.sockets == ["ws/lobby/"]


def test_a_room_that_is_not_among_the_latest_is_in_its_own_list(visitor, alice, kitchen):
    busy = [Room(slug=f"room-{n}", name=f"Room {n:02}") for n in range(40)]
    for room in Room.objects.bulk_create(busy):
        Membership.objects.create(room=room, user=alice)
        say(room, alice)
    page = visitor().log_in(alice).join_room("kitchen").page
    expect(page.locator(".rooms-side .here .room-name bdi")).to_have_text("Kitchen")
    expect(page.locator(".rooms-side .room-row")).to_have_count(41)


def test_a_new_name_of_an_absent_author_reaches_an_open_page_and_equals_a_reload(tab, bob, kitchen):
    page = tab.page
    expect(page.locator(".message .author").first).to_have_text("Bob")
    bob.name = "Bobby"
    bob.save()
    expect(page.locator(".message .author").first).to_have_text("Bobby", timeout=WITHIN)
    expect(page.locator("[data-people] .person-name")).to_have_text(["Alice"])
    live = page.locator("[data-messages] .author, [data-messages] .avatar").all_inner_texts()
    page.reload()
    tab.wait_for_room()
    assert page.locator("[data-messages] .author, [data-messages] .avatar").all_inner_texts() == live
