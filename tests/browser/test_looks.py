"""The room's page on screens of every width: its edges, the ways to details and account, formatted text."""

import uuid

import pytest
from playwright.sync_api import expect

from chat.actions import rooms
from chat.actions.messages import Draft, post
from chat.models import Membership, Room, User

pytestmark = pytest.mark.once

PHONE = {"viewport": {"width": 360, "height": 640}, "has_touch": True, "is_mobile": True}
LONG = "Perpustakaan" * 5  # 60 characters without a space
ARABIC = "غرفة المكتبة للقراءة والحديث عن الكتب"
COLUMN = 56 * 15  # pixels; --column of base.css
TOUCH = 44  # pixels
TEXTS = [
    "Latin, and a [link](https://example.org)",
    "- مرحبا بالجميع\n- كيف الحال",
    "今天的晚饭是什么？",
    "👩🏽‍🚀🎉",
    "> quoted\n\n1. one\n2. two\n\n- [x] done\n- [ ] open",
    "```python\n" + "wide = 'code' + " * 40 + "''\n```",
    "|" + "column|" * 30 + "\n|" + "-|" * 30 + "\n|" + "cell|" * 30,
    "w" * 400,
]


@pytest.fixture
def talk(kitchen, alice, bob):
    """A room with every kind of text."""
    for number, text in enumerate(TEXTS):
        post([Draft(kitchen.pk, (alice, bob)[number % 2].pk, uuid.uuid4(), text)])
    return kitchen


def sideways(page) -> dict:
    """By how many pixels the page and the list of messages are wider than what is visible."""
    return page.evaluate(
        """() => Object.fromEntries(["html", "body", "[data-scroller]"].map((name) => {
          const element = document.querySelector(name);
          return [name, element.scrollWidth - element.clientWidth];
        }))"""
    )


@pytest.mark.parametrize("name", [LONG, ARABIC])
def test_a_room_never_scrolls_sideways(visitor, talk, alice, name):
    Room.objects.update(name=name, topic=f"{name} {name}")
    User.objects.filter(pk=alice.pk).update(name=name[:40])
    reader = visitor().log_in(alice)
    for width in (320, 360, 640, 768, 1024, 1440, 2560):
        reader.page.set_viewport_size({"width": width, "height": 700})
        page = reader.join_room("kitchen").page
        assert sideways(page) == {"html": 0, "body": 0, "[data-scroller]": 0}, width
        outside = page.evaluate(
            """() => [...document.querySelectorAll(".room-head > *, .foot form > *")]
              .filter((one) => one.checkVisibility() && one.getBoundingClientRect().right > innerWidth)
              .map((one) => one.outerHTML)"""
        )
        assert outside == [], width


def test_messages_composer_and_header_have_the_same_edges_in_a_wide_window(visitor, talk, alice):
    reader = visitor(viewport={"width": 2560, "height": 1200}).log_in(alice).join_room("kitchen")
    see_the_same_edges(reader)
    reader.page.locator("[data-people-button]").click()  # folds the list of people
    see_the_same_edges(reader)


def see_the_same_edges(reader):
    box = lambda selector: reader.page.locator(selector).first.bounding_box()  # noqa: E731
    composer, talk_side = box("[data-composer]"), box(".talk-side")
    assert composer["width"] == pytest.approx(COLUMN, abs=1)
    assert composer["x"] + composer["width"] / 2 == pytest.approx(
        talk_side["x"] + talk_side["width"] / 2, abs=1
    )
    for selector in (".message .avatar", ".room-head h1", ".day time"):
        assert composer["x"] - 1 <= box(selector)["x"] <= composer["x"] + composer["width"], selector
    for selector in (".message .avatar", ".room-head h1"):
        assert box(selector)["x"] == pytest.approx(composer["x"], abs=1), selector
    scroller = box("[data-scroller]")
    assert scroller["x"] + scroller["width"] == pytest.approx(talk_side["x"] + talk_side["width"], abs=1)


def test_the_details_and_the_account_can_be_reached_by_touch_on_a_phone(visitor, talk, alice):
    reader = visitor(**PHONE).log_in(alice).join_room("kitchen")
    reader.page.get_by_role("button", name="Menu").tap()
    menu = reader.page.get_by_role("navigation", name="Menu")
    for entry in menu.locator("a, button").all():
        assert entry.bounding_box()["height"] >= TOUCH
    expect(menu.get_by_role("button", name="Log out")).to_be_visible()
    expect(menu.get_by_role("link", name="Profile")).to_be_visible()
    menu.get_by_role("link", name="Room details").tap()
    expect(reader.page.get_by_role("heading", name="members")).to_be_visible()
    reader.page.get_by_role("link", name="Back to the room").tap()
    reader.wait_for_room()
    reader.page.locator(".room-title").tap()
    expect(reader.page.get_by_role("heading", name="members")).to_be_visible()


def test_the_details_and_the_account_can_be_reached_by_keyboard(visitor, talk, alice):
    phone = visitor(viewport={"width": 360, "height": 640}).log_in(alice).join_room("kitchen").page
    phone.get_by_role("button", name="Menu").focus()
    phone.keyboard.press("Enter")
    phone.keyboard.press("Tab")
    expect(phone.get_by_role("link", name="Room details")).to_be_focused()
    phone.keyboard.press("Escape")
    expect(phone.get_by_role("button", name="Menu")).to_be_focused()

    desktop = visitor().log_in(alice).join_room("kitchen").page
    expect(desktop.get_by_role("button", name="Menu")).to_be_hidden()
    desktop.get_by_role("link", name="Details").press("Enter")
    expect(desktop.get_by_role("heading", name="members")).to_be_visible()


@pytest.mark.parametrize("width", [320, 1200])
def test_every_control_has_room_for_a_finger(visitor, talk, alice, width):
    touch = {"viewport": {"width": width, "height": 700}, "has_touch": True, "is_mobile": True}
    reader = visitor(**touch).log_in(alice)
    for path in ("/", "/rooms/kitchen/", "/rooms/kitchen/about/", "/rooms/new/"):
        reader.page.goto(path)
        small = reader.page.evaluate(
            """(least) => [...document.querySelectorAll("button, summary, :is(header, aside, .buttons) a")]
              .filter((one) => one.checkVisibility() && !one.closest("h1"))
              .filter((one) => one.getBoundingClientRect().height < least - 0.5)
              .map((one) => one.outerHTML)""",
            TOUCH,
        )
        assert small == [], path


def test_an_owner_changes_the_settings_of_a_room_and_open_pages_follow(visitor, kitchen, alice, bob):
    Membership.objects.filter(room=kitchen, user=alice).update(role=Membership.OWNER)
    owner, reader = visitor().log_in(alice), visitor().log_in(bob).join_room("kitchen")
    owner.page.goto("/rooms/kitchen/about/")
    owner.page.get_by_role("link", name="Edit").click()
    owner.page.get_by_label("Name", exact=True).fill("Dapur")
    owner.page.get_by_label("Who can mention everyone with @all").select_option("Nobody")
    owner.page.get_by_label("Show when people join and leave").uncheck()
    owner.page.get_by_role("button", name="Save").click()
    expect(owner.page.get_by_text("Saved")).to_be_visible()
    for shown in ("[data-room-name]", ".here .room-name bdi"):
        expect(reader.page.locator(shown)).to_have_text("Dapur")
    expect(reader.page).to_have_title("Dapur · Obrolan")
    room = Room.objects.get()
    assert (room.name, room.mention_all, room.shows_joins) == ("Dapur", "nobody", False)


def test_the_room_in_the_sidebar_follows_its_room(visitor, kitchen, alice, bob):
    Membership.objects.filter(room=kitchen, user=alice).update(role=Membership.OWNER)
    reader = visitor().log_in(bob).join_room("kitchen")
    private = rooms.update(kitchen, by=alice, name="Dapur", kind=Room.PRIVATE)
    here = reader.page.locator(".here")
    expect(here.locator(".room-name bdi")).to_have_text("Dapur")
    expect(here.locator(".lock")).to_be_visible()
    expect(here.locator(".room-link")).to_have_attribute("href", f"/rooms/{private.slug}/")
    details = reader.page.get_by_role("link", name="Details")
    expect(details).to_have_attribute("href", f"/rooms/{private.slug}/about/")


# ── formatted text ─────────────────────────────────────────────────────────────────────────────────


def test_wide_code_and_tables_scroll_by_keyboard_inside_their_message(visitor, talk, alice):
    page = visitor().log_in(alice).join_room("kitchen").page
    page.keyboard.press("Shift")  # the first gesture
    for name in ("Code", "Table"):
        block = page.get_by_role("group", name=name, exact=True)
        block.focus()
        page.keyboard.press("ArrowRight")
        page.wait_for_function("block => block.scrollLeft > 0", arg=block.element_handle())


def test_narrow_blocks_are_no_stop_of_the_tab_key(visitor, kitchen, alice):
    reader = visitor().log_in(alice).join_room("kitchen")
    reader.send_message("```\nshort\n```")
    expect(reader.page.locator(".code .copy")).to_have_count(1)
    expect(reader.page.locator("pre")).not_to_have_attribute("tabindex", "0")


def test_code_has_the_name_of_its_language_and_is_copied_whole(visitor, kitchen, alice, bob):
    writer = visitor().log_in(alice).join_room("kitchen")
    reader = visitor(permissions=["clipboard-read", "clipboard-write"]).log_in(bob).join_room("kitchen")
    reader.page.keyboard.press("Shift")
    writer.paste("```sh\nmake run\nmake test\n```")
    writer.click_send()
    code = reader.page.locator("pre[data-language=sh]")
    expect(code).to_have_text("make run\nmake test\n")
    label = code.evaluate("pre => getComputedStyle(pre, '::before').content")
    assert label == '"sh"'
    copy = reader.page.get_by_role("button", name="Copy")
    copy.focus()
    copy.press("Enter")
    expect(reader.page.get_by_role("button", name="Copied")).to_be_visible()
    assert reader.page.evaluate("navigator.clipboard.readText()") == "make run\nmake test"
    expect(copy).to_be_visible()


def test_the_copy_button_appears_without_moving_the_messages(visitor, talk, alice):
    page = visitor().log_in(alice).join_room("kitchen").page
    positions = (
        "() => [...document.querySelectorAll('.message')].map((row) => row.getBoundingClientRect().top)"
    )
    before = page.evaluate(positions)
    page.mouse.move(500, 300)
    expect(page.locator(".copy")).to_have_count(1)
    assert page.evaluate(positions) == before


def test_on_a_phone_the_copy_button_does_not_cover_the_code(visitor, kitchen, alice):
    post([Draft(kitchen.pk, alice.pk, uuid.uuid4(), "```\n" + "make everything " * 9 + "\n```")])
    phone = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
    page = visitor(**phone).log_in(alice).join_room("kitchen").page
    expect(page.locator("pre")).to_have_attribute("tabindex", "0")  # it is wide, and no gesture was needed
    button, code = (page.locator(name).bounding_box() for name in (".copy", "pre code"))
    assert button["y"] + button["height"] <= code["y"]


def test_a_list_in_arabic_is_laid_out_from_the_right(visitor, kitchen, alice):
    post([Draft(kitchen.pk, alice.pk, uuid.uuid4(), "Shopping:\n\n- خبز\n- حليب\n\n> اقتباس")])
    page = visitor().log_in(alice).join_room("kitchen").page
    directions = page.evaluate(
        "() => [...document.querySelectorAll('.words > *')].map((block) => getComputedStyle(block).direction)"
    )
    assert directions == ["ltr", "rtl", "rtl"]


def test_tasks_are_checkboxes_that_nobody_can_change(visitor, kitchen, alice):
    reader = visitor().log_in(alice).join_room("kitchen")
    reader.paste("- [x] rice\n- [ ] limes")
    reader.click_send()
    expect(reader.page.get_by_role("checkbox", name="Done", exact=True)).to_be_checked()
    expect(reader.page.get_by_role("checkbox", name="Not done")).not_to_be_checked()
    expect(reader.page.get_by_role("checkbox", name="Not done")).to_be_disabled()
