"""The menu of a message: with the mouse, with the keyboard alone, and by touch."""

import re
import uuid

import pytest
from playwright.sync_api import expect

from chat.models import User

pytestmark = pytest.mark.once

PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}


def say(room, author, *texts):
    from chat.actions.messages import Draft, post

    return post([Draft(room.pk, author.pk, uuid.uuid4(), text) for text in texts])


def menu(person):
    return person.page.get_by_role("menu")


def entries(person):
    expect(menu(person)).to_be_visible()
    return menu(person).get_by_role("menuitem").all_inner_texts()


def toolbar(person):
    return person.page.get_by_role("toolbar", name="Message actions")


def focus_list(person, *keys):
    """Move the focus from the composer to the current message, and press keys there."""
    person.page.locator("#text").focus()
    person.page.keyboard.press("Shift+Tab")
    expect(person.page.locator(".message[tabindex='0']")).to_be_focused()
    for key in keys:
        person.page.keyboard.press(key)


def focused(person):
    return person.page.locator(".message:focus")


@pytest.fixture
def words(kitchen, alice, bob):
    say(kitchen, bob, "Soup", "See [the recipe](https://example.com/soup)")
    say(kitchen, alice, "Bread", "Salt")


@pytest.fixture
def reader(visitor, words, alice):
    return visitor().log_in(alice).join_room("kitchen")


def test_a_toolbar_appears_on_hover_without_moving_anything(reader):
    row = reader.message("Soup")
    before = row.bounding_box()
    row.hover()
    expect(toolbar(reader)).to_be_visible()
    assert row.bounding_box() == before
    reader.message("Bread").hover()
    expect(toolbar(reader)).to_have_count(1)
    assert reader.message("Bread").locator(toolbar(reader)).count() == 1
    reader.page.locator("#text").hover()
    expect(toolbar(reader)).to_have_count(0)


def test_the_entries_depend_on_the_author_and_on_who_is_looking(reader, visitor, bob):
    common = ["Copy text", "Copy link", "Mark unread from here"]
    for person, own, other, pin, more in (
        (reader, "Bread", "Soup", [], ["Report…"]),
        (visitor().log_in(bob).join_room("kitchen"), "Soup", "Bread", ["Pin"], ["Moderate…", "Hide"]),
    ):
        for text, expected in (
            (own, ["Reply", "Edit", *common, *pin, "Delete"]),
            (other, ["Reply", *common, "Ignore", *pin, *more]),
        ):
            person.message(text).hover()
            toolbar(person).get_by_role("button", name="More actions").click()
            assert entries(person) == expected
            person.page.keyboard.press("Escape")
            expect(menu(person)).to_be_hidden()
            expect(person.message(text)).to_be_focused()


def test_a_moderator_of_the_site_opens_a_message_in_the_admin(visitor, words):
    rut = User.objects.create_superuser("rut")
    admin = visitor().log_in(rut).join_room("kitchen")
    admin.message("Soup").hover()
    toolbar(admin).get_by_role("button", name="More actions").click()
    menu(admin).get_by_role("menuitem", name="Open in admin").click()
    expect(admin.page).to_have_url(re.compile(r"/admin/chat/message/\d+/change/$"))
    section = admin.page.locator("section").filter(has=admin.page.get_by_role("heading", name="The message"))
    expect(section.locator("blockquote")).to_have_text("Soup")


def test_text_and_link_are_copied(reader, words):
    reader.context.grant_permissions(["clipboard-read", "clipboard-write"])
    read = "navigator.clipboard.readText()"
    for entry, expected in (("Copy text", "Soup"), ("Copy link", "/rooms/kitchen/1/")):
        reader.message("Soup").hover()
        toolbar(reader).get_by_role("button", name="More actions").click()
        menu(reader).get_by_role("menuitem", name=entry).click()
        expect(reader.page.locator(".toast")).to_be_visible()
        assert reader.page.evaluate(read).endswith(expected)


def test_arrow_keys_move_between_messages_and_tab_leaves_the_list_in_one_step(reader):
    focus_list(reader)
    expect(focused(reader)).to_contain_text("Salt")
    for key, text in (
        ("ArrowUp", "Bread"),
        ("Home", "Soup"),
        ("ArrowDown", "See the recipe"),
        ("End", "Salt"),
        ("PageUp", "Soup"),
        ("PageDown", "Salt"),
        ("ArrowUp", "Bread"),
    ):
        reader.page.keyboard.press(key)
        expect(focused(reader)).to_contain_text(text)
        expect(reader.page.locator("[data-messages] [tabindex='0']")).to_have_count(1)
    reader.page.keyboard.press("Tab")
    expect(reader.page.locator("#text")).to_be_focused()
    reader.page.keyboard.press("Shift+Tab")
    expect(focused(reader)).to_contain_text("Bread")
    reader.page.keyboard.press("Shift+Tab")
    expect(reader.page.locator("[data-people-button]")).to_be_focused()
    reader.page.keyboard.press("Tab")
    expect(focused(reader)).to_contain_text("Bread")
    reader.page.keyboard.press("Escape")
    expect(reader.page.locator("#text")).to_be_focused()


def test_right_and_left_lead_to_the_links_and_buttons_of_a_message(reader):
    focus_list(reader, "Home", "ArrowDown", "ArrowRight", "ArrowRight")
    expect(reader.page.get_by_role("link", name="the recipe")).to_be_focused()
    reader.page.keyboard.press("ArrowRight")
    expect(toolbar(reader).get_by_role("button").first).to_be_focused()
    reader.page.keyboard.press("Escape")
    expect(focused(reader)).to_contain_text("See the recipe")


def test_the_menu_is_used_with_the_keyboard(reader):
    for key in ("Enter", "Shift+F10"):
        focus_list(reader, key)
        expect(menu(reader).get_by_role("menuitem").first).to_be_focused()
        reader.page.keyboard.press("Escape")
        expect(menu(reader)).to_be_hidden()
    focus_list(reader, "ContextMenu")
    items = menu(reader).get_by_role("menuitem")
    expect(items.first).to_be_focused()
    expect(menu(reader).locator("..").locator(".quick-row button").first).to_be_visible()  # it is loaded
    for pressed, name in (
        ("ArrowDown", "Edit"),
        ("End", "Delete"),
        ("ArrowDown", "Reply"),
        ("ArrowUp", None),
        ("ArrowDown", "Reply"),
        ("ArrowUp", None),
        ("ArrowRight", None),
        ("ArrowDown", "Reply"),
        ("m", "Mark unread from here"),
        ("c", "Copy text"),
        ("c", "Copy link"),
    ):
        reader.page.keyboard.press(pressed)
        if name:
            expect(items.filter(has_text=name)).to_be_focused()
        else:
            expect(menu(reader).locator("..").locator(".quick-row button:focus")).to_have_count(1)
    reader.page.keyboard.press("Escape")
    expect(menu(reader)).to_be_hidden()
    expect(focused(reader)).to_contain_text("Salt")


def test_a_right_click_is_left_to_the_browser(reader):
    reader.message("Soup").hover()
    expect(toolbar(reader)).to_be_visible()
    reader.page.evaluate(
        "addEventListener('contextmenu', (event) => { window.prevented = event.defaultPrevented; })"
    )
    reader.message("Soup").click(button="right")
    assert reader.page.evaluate("window.prevented") is False
    expect(menu(reader)).to_be_hidden()


def test_a_focused_message_has_a_name_for_screen_readers(reader):
    focus_list(reader, "ArrowUp")
    expect(focused(reader)).to_have_accessible_name(re.compile(r"^Alice, \d\d:\d\d, Bread$"))
    reader.page.keyboard.press("ArrowUp")
    expect(reader.message("Bread")).not_to_have_attribute("aria-label", re.compile("."))


def test_the_focus_survives_changes_of_the_message_and_its_removal(reader, visitor, kitchen, bob, alice):
    from chat.actions.changes import Edit, React
    from chat.actions.messages import post

    focus_list(reader, "Home", "ArrowDown", "ArrowRight", "ArrowRight")
    link = reader.page.get_by_role("link", name="the recipe")
    expect(link).to_be_focused()
    post([React(kitchen.pk, alice.pk, 2, "👍", True)])
    expect(reader.page.locator("#message-2 .reactions li")).to_have_count(1)
    post([Edit(kitchen.pk, bob.pk, 2, "No recipe")])
    reader.see_message("No recipe")
    expect(reader.page.locator("#message-2")).to_be_focused()
    reader.page.evaluate("document.querySelector('#message-2').remove()")
    expect(reader.page.locator("#message-1, #message-3").and_(reader.page.locator(":focus"))).to_have_count(1)


def test_arrow_up_at_the_first_message_loads_earlier_ones(visitor, kitchen, alice):
    say(kitchen, alice, *(f"Line {number}" for number in range(1, 161)))
    reader = visitor().log_in(alice).join_room("kitchen")
    focus_list(reader)
    reader.page.keyboard.press("Home")
    for _ in range(160):
        if reader.page.locator("#message-1:focus").count():
            break
        first = reader.seqs()[0]
        at_first = reader.page.locator(f"#message-{first}:focus").count()
        reader.page.keyboard.press("PageUp")
        if at_first:  # the key loads earlier messages
            expect(reader.page.locator(f"#message-{first - 1}")).to_have_count(1)
        expect(focused(reader)).to_have_count(1)
    expect(reader.page.locator("#message-1")).to_be_focused()
    seqs = reader.seqs()
    assert seqs == list(range(1, seqs[-1] + 1))


def test_on_a_phone_the_menu_is_a_sheet_with_large_targets(visitor, words, alice):
    reader = visitor(**PHONE).log_in(alice).join_room("kitchen")
    row = reader.message("Bread").locator(".words")
    row.tap()
    see_the_sheet(reader)
    press = {"pointerType": "touch", "isPrimary": True, "pointerId": 9, "clientX": 90, "clientY": 90}
    row.dispatch_event("pointerdown", press)  # a long press
    see_the_sheet(reader)


def see_the_sheet(reader):
    """The sheet is open. A tap beside it closes it."""
    assert entries(reader)[0] == "Reply"
    sheet = reader.page.locator(".message-menu").bounding_box()
    assert sheet["x"] == 0 and round(sheet["width"]) == 360
    assert round(sheet["y"] + sheet["height"]) == 740
    for item in menu(reader).get_by_role("menuitem").all():
        assert item.bounding_box()["height"] >= 44
    reader.page.touchscreen.tap(180, 20)
    expect(menu(reader)).to_be_hidden()
    expect(toolbar(reader)).to_have_count(0)


def test_the_code_of_the_menu_is_loaded_at_the_first_gesture(visitor, words, alice):
    reader = visitor().log_in(alice)
    loaded = []
    reader.page.on("request", lambda request: loaded.append(request.url.rpartition("/")[2]))
    reader.join_room("kitchen")
    assert not [name for name in loaded if "message_actions" in name or "folding" in name]
    reader.message("Soup").hover()
    expect(toolbar(reader)).to_be_visible()
    assert [name for name in loaded if "message_actions" in name]


def test_lifting_the_finger_after_a_long_press_chooses_nothing(visitor, words, alice):
    reader = visitor(**PHONE).log_in(alice).join_room("kitchen")
    box = reader.message("Salt").locator(".words").bounding_box()
    finger = reader.context.new_cdp_session(reader.page)

    def touch(type, *points):
        finger.send("Input.dispatchTouchEvent", {"type": type, "touchPoints": points})

    touch("touchStart", {"x": box["x"] + 9, "y": box["y"] + 9})
    expect(menu(reader)).to_be_visible()
    reader.page.evaluate("addEventListener('click', () => (document.body.id = 'lifted'), { capture: true })")
    touch("touchEnd")
    expect(reader.page.locator("body")).to_have_id("lifted")
    expect(menu(reader)).to_be_visible()
    menu(reader).get_by_role("menuitem", name="Reply").tap()
    expect(reader.page.locator("[data-replying]")).to_contain_text("Salt")


def test_keys_that_were_pressed_before_the_code_was_loaded_are_not_lost(visitor, words, alice):
    reader = visitor().log_in(alice)
    held = []
    reader.page.route("**/message_actions*", lambda route: held.append(route))
    reader.join_room("kitchen")
    reader.page.locator("#text").focus()
    with reader.page.expect_request("**/message_actions*"):
        for key in ("Shift+Tab", "ArrowUp", "Shift+F10"):
            reader.page.keyboard.press(key)
    expect(reader.page.locator("#text")).not_to_be_focused()
    for route in held:
        route.continue_()
    assert entries(reader)[:2] == ["Reply", "Edit"]
    reader.page.keyboard.press("Escape")
    expect(focused(reader)).to_contain_text("Bread")


def test_the_menu_stays_in_a_small_window_when_its_quick_row_is_loaded(visitor, words, alice):
    reader = visitor(viewport={"width": 720, "height": 450}).log_in(alice).join_room("kitchen")
    reader.message("Salt").hover()
    toolbar(reader).get_by_role("button", name="More actions").click()
    expect(reader.page.get_by_role("button", name="Other reactions")).to_be_visible()
    box = reader.page.locator(".message-menu").bounding_box()
    assert box["x"] >= 0 and box["x"] + box["width"] <= 720
