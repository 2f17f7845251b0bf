"""Mentions in the browser: completion, highlight, counts in other tabs, title and icon, renames, drafts."""

import re

import pytest
from playwright.sync_api import expect

from chat.models import Membership, Message, Room, User

pytestmark = pytest.mark.once


@pytest.fixture
def two(visitor, alice, bob, kitchen):
    alices = visitor().log_in(alice).join_room("kitchen")
    return alices, visitor().log_in(bob).join_room("kitchen")


def options(viewer):
    return viewer.page.get_by_role("option")


def type_text(viewer, text):
    viewer.page.locator("#text").focus()
    viewer.page.keyboard.type(text)
    return viewer


def test_a_mention_is_completed_by_keyboard_and_marked_for_the_person_meant(two, alice):
    alices, bobs = two
    area = bobs.page.locator("#text")
    type_text(bobs, "Tea, @al")
    expect(options(bobs)).to_have_text([re.compile("Alice"), re.compile("everyone")])
    expect(area).to_be_focused()
    expect(area).to_have_attribute(
        "aria-activedescendant", options(bobs).first.get_attribute("id"), timeout=2_000
    )
    bobs.page.keyboard.press("ArrowDown")
    bobs.page.keyboard.press("ArrowUp")
    expect(options(bobs).filter(has_text="Alice")).to_have_attribute("aria-selected", "true")
    bobs.page.keyboard.press("Enter")
    expect(area).to_have_value("Tea, @Alice ")
    expect(bobs.page.get_by_role("listbox")).to_be_hidden()
    type_text(bobs, "now?")
    bobs.page.keyboard.press("Enter")
    alices.see_message("Tea, @Alice now?")
    row = alices.message("Tea, @Alice now?")
    expect(row).to_have_class(re.compile(r"\bmentions-me\b"))
    expect(row.locator(".mention.me")).to_have_text("@Alice")
    expect(row.locator(".mentions-you")).to_have_text("mentions you")
    expect(bobs.message("Tea, @Alice now?")).not_to_have_class(re.compile(r"\bmentions-me\b"))
    assert Message.objects.get().text == f"Tea, <@{alice.pk}> now?"
    alices.page.reload()
    expect(alices.page.locator(".mentions-me .mention.me")).to_have_text("@Alice")


def test_escape_closes_the_list_a_click_chooses_and_nothing_opens_in_words_or_code(two):
    _, bobs = two
    listbox, area = bobs.page.get_by_role("listbox"), bobs.page.locator("#text")
    type_text(bobs, "@ali")
    expect(listbox).to_be_visible()
    bobs.page.keyboard.press("Escape")
    expect(listbox).to_be_hidden()
    type_text(bobs, "c")
    expect(listbox).to_be_hidden()
    area.fill("")
    type_text(bobs, "@al")
    options(bobs).filter(has_text="Alice").click()
    expect(area).to_have_value("@Alice ")
    expect(area).to_be_focused()
    for text in ("mail alice@al", "`@al"):
        area.fill("")
        type_text(bobs, text)
        expect(listbox).to_be_hidden()


def test_a_member_who_is_not_here_is_found_on_the_server(two, kitchen):
    _, bobs = two
    person = User.objects.create_user("citra", name="Citra Dewi")
    Membership.objects.create(room=kitchen, user=person)
    type_text(bobs, "@dew")
    expect(options(bobs)).to_have_text([re.compile("Citra Dewi")])
    bobs.page.keyboard.press("Tab")
    expect(bobs.page.locator("#text")).to_have_value("@Citra Dewi ")
    bobs.page.keyboard.press("Enter")
    bobs.see_message("@Citra Dewi")
    assert Message.objects.get().text == f"<@{person.pk}>"


def test_of_two_people_with_one_name_the_chosen_one_is_mentioned_also_after_a_reload(two, kitchen):
    _, bobs = two
    guests = [User.objects.create_user(f"guest:{n}", name="Sari", is_guest=True) for n in range(2)]
    for guest in guests:
        Membership.objects.create(room=kitchen, user=guest)
    type_text(bobs, "@sar")
    expect(options(bobs)).to_have_text([re.compile(r"Sari\s*guest"), re.compile(r"Sari \(2\)\s*guest")])
    bobs.page.keyboard.press("ArrowDown")
    bobs.page.keyboard.press("Enter")
    expect(bobs.page.locator("#text")).to_have_value("@Sari (2) ")
    bobs.page.reload()
    bobs.wait_for_room()
    expect(bobs.page.locator("#text")).to_have_value("@Sari (2) ")
    bobs.page.locator("#text").press("Enter")
    bobs.see_message("@Sari")
    assert Message.objects.get().text == f"<@{guests[1].pk}>"


def test_a_typed_name_counts_without_completion_and_a_refused_message_comes_back_with_names(two, kitchen):
    alices, _ = two
    type_text(alices, "@Bob and @all")
    alices.page.keyboard.press("Escape")
    alices.page.keyboard.press("Enter")
    expect(alices.page.locator(".message.pending .words")).to_have_text("@Bob and @all")
    expect(alices.page.locator(".failure .reason")).to_contain_text("cannot mention @all")
    alices.page.reload()
    alices.wait_for_room()
    expect(alices.page.locator(".message.pending .words")).to_have_text("@Bob and @all")
    alices.page.get_by_role("button", name="Edit", exact=True).click()
    expect(alices.page.locator("#text")).to_have_value("@Bob and @all")


def test_all_is_offered_as_the_room_allows_and_the_page_follows_the_setting(two, kitchen):
    alices, bobs = two
    type_text(bobs, "@al")
    expect(options(bobs).filter(has_text="everyone in this room")).to_have_count(1)
    type_text(alices, "@al")
    alices.page.keyboard.type("l")
    expect(alices.page.get_by_role("listbox")).to_be_hidden()
    Room.objects.filter(pk=kitchen.pk).update(mention_all=Room.EVERYONE)
    expect(alices.page.locator("[data-room]")).to_have_attribute("data-mention-all", "everyone")
    alices.page.locator("#text").fill("")
    type_text(alices, "@all")
    expect(options(alices).filter(has_text="everyone in this room")).to_have_count(1)


def test_a_new_name_replaces_the_old_one_in_mentions_on_open_pages(two, alice):
    alices, bobs = two
    bobs.send_message("@Alice, tea?")
    alices.see_message("@Alice, tea?")
    User.objects.filter(pk=alice.pk).update(name="Alicia")
    for viewer in (alices, bobs):
        expect(viewer.page.locator(".mention")).to_have_text("@Alicia")


def test_counts_title_and_icon_follow_in_other_rooms_and_go_away_when_read(two, vault):
    alices, bobs = two
    alices.page.goto("/rooms/vault/")
    alices.wait_for_room()
    lobby = alices.new_tab()
    lobby.goto("/")
    bobs.send_message("@Alice, tea?")
    for page in (alices.page, lobby):
        row = page.locator('.room-row[data-slug="kitchen"]')
        expect(row.locator(".mention-count .count")).to_have_text("1")
        expect(page).to_have_title(re.compile(r"^\(@1\) (Vault|Rooms) · Obrolan$"))
        expect(page.locator("link[rel=icon]")).to_have_attribute("href", re.compile("icon-mention"))
    expect(lobby.locator(".heading [data-mentions-total] .count")).to_have_text("1")
    alices.page.goto("/rooms/kitchen/")
    alices.wait_for_room()
    alices.page.bring_to_front()
    expect(lobby.locator('.room-row[data-slug="kitchen"] .mention-count')).to_be_hidden()
    expect(lobby).to_have_title("Rooms · Obrolan")
    expect(lobby.locator("link[rel=icon]")).to_have_attribute("href", re.compile(r"icon(\.\w+)?\.svg"))


def test_the_mentions_page_links_to_the_message_without_scripts(visitor, two, alice):
    alices, bobs = two
    bobs.send_message("@Alice, tea?")
    alices.see_message("@Alice, tea?")
    reader = visitor(java_script_enabled=False).log_in(alice)
    reader.page.goto("/mentions/")
    reader.page.get_by_role("link", name=re.compile("@Alice, tea")).click()
    expect(reader.page.locator(".message.target .mention.me")).to_have_text("@Alice")


def test_messages_of_an_ignored_person_fold_at_once_and_unfold_again(two):
    alices, bobs = two
    alices.see_notice("Bob joined")  # a notice between two messages separates their lines
    bobs.send_message("First")
    bobs.send_message("Second")
    alices.see_message("Second")
    alices.page.locator(".person-name").filter(has_text="Bob").click()
    alices.page.get_by_role("button", name="Ignore", exact=True).click()
    line = alices.page.locator(".ignored-line:visible")
    expect(line).to_have_count(1)
    expect(line).to_contain_text("Messages from people you ignore")
    expect(alices.message("Second").locator(".words")).to_be_hidden()
    bobs.send_message("@Alice, third")
    expect(alices.page.locator(".message.ignored")).to_have_count(3)
    expect(line).to_have_count(1)
    alices.page.reload()
    expect(line).to_have_count(1)
    line.get_by_role("link", name="Show").click()
    expect(alices.page.locator(".message .words:visible")).to_have_text(["First", "Second", "@Alice, third"])
    alices.page.get_by_role("button", name="Alice").click()
    alices.page.get_by_role("link", name="Ignored people").click()
    alices.page.get_by_role("button", name="Stop ignoring Bob").click()
    expect(alices.page.get_by_text("You ignore nobody")).to_be_visible()
    expect(bobs.page.locator(".message .words:visible")).to_have_count(3)
