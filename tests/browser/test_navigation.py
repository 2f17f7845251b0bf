"""Ways to a room: the front page, links, the lobby, the list beside a room, and the quick switcher."""

import re
import uuid

import pytest
from playwright.sync_api import expect

from chat.actions.messages import Draft, post
from chat.actions.room_settings import set_for_me
from chat.models import Membership, Room

from .test_pages import RECORD_SHIFTS_AND_VIOLATIONS
from .visitor import WITHIN

pytestmark = pytest.mark.once

PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}


@pytest.fixture
def three(alice, bob, kitchen):
    """Alice's rooms. The cellar was used last, the kitchen first."""
    say(kitchen, bob, "First")
    for name in ("Attic", "Cellar"):
        room = Room.objects.create(slug=name.lower(), name=name, topic=f"About the {name.lower()}")
        for person in (alice, bob):
            Membership.objects.create(room=room, user=person)
        say(room, bob, "Hello")
    return kitchen


def say(room, author, text):
    return post([Draft(room.pk, author.pk, uuid.uuid4(), text)])[0].seq


def beside(page):
    """The rows of the list beside a room."""
    return page.locator(".rooms-side .room-row .room-name bdi")


def under(page, heading):
    section = page.locator("[data-section]").filter(has=page.get_by_text(heading, exact=True))
    return section.locator(".room-row .room-name bdi")


def choose(page, room, entry):
    """Choose an entry of a room's menu with the keyboard."""
    page.locator(f'[data-slug="{room}"] .room-link').focus()
    page.keyboard.press("Shift+F10")
    item = page.get_by_role("menu").get_by_text(entry, exact=True)
    expect(item).to_be_visible()
    while not item.evaluate("item => item.closest('button') === document.activeElement"):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")


def test_a_visitor_on_a_phone_enters_a_room_of_the_front_page_by_a_tap(visitor, three):
    page = visitor(**PHONE).page
    page.goto("/")
    expect(page.get_by_role("link", name="Sign up")).to_be_visible()
    page.get_by_label("Display name").fill("Ayu")
    page.get_by_role("button", name="Attic").tap()
    expect(page).to_have_url(re.compile("/rooms/attic/$"))
    assert page.evaluate("document.documentElement.scrollWidth") == 360


def test_a_link_to_a_message_survives_the_entry_of_a_guest(visitor, bob, kitchen):
    for number in range(80):
        say(kitchen, bob, f"Line {number}")
    guest = visitor()
    guest.page.goto("/rooms/kitchen/3/?from=mail")
    expect(guest.page.get_by_label("Room")).to_have_value("Kitchen")
    guest.fill_in_the_entry_form("Ayu", "Kitchen").wait_for_room()
    expect(guest.page).to_have_url(re.compile(r"/rooms/kitchen/3/\?from=mail$"))
    expect(guest.page.locator(".message.target .words")).to_have_text("Line 2")
    expect(guest.page.locator(".message.target")).to_be_in_viewport()


def test_the_lobby_follows_messages_and_choices_without_moving(visitor, alice, bob, three):
    reader = visitor().log_in(alice)
    reader.context.add_init_script(RECORD_SHIFTS_AND_VIOLATIONS)
    page = reader.page
    for _ in range(2):  # the first visit stores the time zone
        page.goto("/")
    row = page.locator('[data-slug="kitchen"]')
    expect(row.locator(".room-line")).to_have_text("Bob: First")
    page.evaluate("window.shifts = 0")
    say(three, bob, f"**Soto** for <@{alice.pk}>\n\nand a second line")
    expect(row.locator(".room-line")).to_have_text("Bob: Soto for @Alice", timeout=WITHIN)
    expect(row.locator(".mention-count .count")).to_have_text("1")
    expect(under(page, "Your rooms")).to_have_text(["Cellar", "Attic", "Kitchen"])
    assert page.evaluate("window.shifts") < 0.01
    Room.objects.create(slug="garden", name="Garden")
    expect(under(page, "Other rooms")).to_have_text(["Garden"], timeout=WITHIN)
    set_for_me(Room.objects.get(slug="attic"), by=alice, notify="nothing")
    expect(under(page, "Muted and archived")).to_have_text(["Attic"], timeout=WITHIN)
    expect(under(page, "Muted and archived")).to_be_hidden()  # folded
    page.get_by_text("Muted and archived").click()
    expect(under(page, "Muted and archived")).to_be_visible()
    live = under(page, "Your rooms").all_inner_texts()
    page.reload()
    assert sorted(under(page, "Your rooms").all_inner_texts()) == sorted(live)


def test_two_tabs_follow_what_a_person_chooses_in_the_menu_of_a_room(visitor, alice, bob, three):
    one = visitor().log_in(alice).join_room("kitchen")
    other = one.new_tab()
    other.goto("/rooms/attic/")
    expect(beside(other)).to_have_text(["Cellar", "Attic", "Kitchen"])
    choose(one.page, "attic", "Add to favourites")
    for page in (one.page, other):
        expect(under(page, "Favourites")).to_have_text(["Attic"], timeout=WITHIN)
    choose(one.page, "cellar", "Mute")
    say(Room.objects.get(slug="cellar"), bob, f"<@{alice.pk}>")
    for page in (one.page, other):
        expect(under(page, "Rooms")).to_have_text(["Kitchen", "Cellar"], timeout=WITHIN)
        expect(page.locator('[data-slug="cellar"]')).to_have_class(re.compile("muted"))
    expect(one.page.locator('[data-slug="cellar"] .mention-count')).to_be_hidden()
    choose(other, "cellar", "Unmute")
    expect(one.page.locator('[data-slug="cellar"] .mention-count')).to_be_visible(timeout=WITHIN)
    choose(one.page, "cellar", "Leave…")
    expect(one.page.get_by_role("heading", name="Leave Cellar?")).to_be_visible()
    one.page.get_by_role("button", name="Leave room").click()
    expect(beside(other)).to_have_text(["Attic", "Kitchen"], timeout=WITHIN)


def test_rooms_are_ordered_by_dragging_and_with_the_keyboard(visitor, alice, bob, three):
    one = visitor().log_in(alice).join_room("kitchen")
    other = one.new_tab()
    other.goto("/rooms/kitchen/")
    row = one.page.locator('.rooms-side [data-slug="kitchen"] .room-link')
    row.drag_to(one.page.locator('.rooms-side [data-slug="cellar"]'), target_position={"x": 60, "y": 2})
    for page in (one.page, other):
        expect(beside(page)).to_have_text(["Kitchen", "Cellar", "Attic"], timeout=WITHIN)
    choose(other, "attic", "Move up")
    for page in (other, one.page):
        expect(beside(page)).to_have_text(["Kitchen", "Attic", "Cellar"], timeout=WITHIN)
    say(Room.objects.get(slug="cellar"), bob, "Again")
    one.page.reload()
    expect(beside(one.page)).to_have_text(["Kitchen", "Attic", "Cellar"])
    choose(one.page, "attic", "Order all by activity")
    for page in (one.page, other):
        expect(beside(page)).to_have_text(["Cellar", "Attic", "Kitchen"], timeout=WITHIN)


def test_the_quick_switcher_leads_everywhere_with_the_keyboard_alone(visitor, alice, bob, three):
    Room.objects.create(slug="garden", name="Garden")
    reader = visitor().log_in(alice)
    page = reader.page
    page.goto("/mentions/")
    field, options = page.get_by_role("combobox"), page.get_by_role("option")
    page.keyboard.press("Control+k")
    expect(field).to_be_focused()
    expect(options.first).to_contain_text("Cellar")  # of the rooms that one has, the latest
    page.keyboard.type("grdn")
    expect(options).to_have_count(0)  # nothing that is known has these letters
    field.fill("gard")
    expect(options).to_have_text([re.compile("Garden")])
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/rooms/garden/$"))
    reader.wait_for_room()
    page.keyboard.press("Control+k")
    expect(options.first).to_contain_text("Garden")  # chosen last
    page.keyboard.type("bo")
    expect(options.filter(has_text="Person")).to_contain_text("Bob")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    page.keyboard.press("Control+k")
    expect(field).to_be_focused()
    page.keyboard.type("mute this")
    expect(options.first).to_contain_text("Mute this room")
    page.keyboard.press("Enter")
    expect(page.locator(".rooms-side .here")).to_have_class(re.compile("muted"), timeout=WITHIN)
    page.keyboard.press("Control+k")
    expect(field).to_be_focused()
    page.keyboard.type("ktc")
    chosen = page.locator("[role=option][aria-selected=true]")
    expect(chosen).to_contain_text("Kitchen")
    expect(field).to_have_attribute("aria-activedescendant", chosen.get_attribute("id"))
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/rooms/kitchen/$"))


def test_a_long_press_opens_the_menu_of_a_room_on_a_phone(visitor, alice, three):
    page = visitor(**PHONE).log_in(alice).page
    page.goto("/")
    page.locator('[data-slug="attic"] .room-more').tap()
    expect(page.get_by_role("menu", name="Options for Attic")).to_be_visible()
    page.keyboard.press("Escape")
    page.locator('[data-slug="attic"] .room-link').dispatch_event(
        "pointerdown", {"pointerType": "touch", "isPrimary": True, "bubbles": True}
    )
    expect(page.get_by_role("menu", name="Options for Attic")).to_be_visible()
    page.get_by_role("menuitem", name="Add to favourites").tap()
    expect(page.locator('[data-slug="attic"] .star')).to_be_visible(timeout=WITHIN)
    assert page.evaluate("document.documentElement.scrollWidth") == 360
