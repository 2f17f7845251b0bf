"""All pages: without JavaScript, under the Content-Security-Policy, layout shifts and screen widths."""

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.once

PAGES = ["/", "/rooms/new/", "/rooms/kitchen/", "/rooms/nowhere/"]

RECORD_SHIFTS_AND_VIOLATIONS = """
(() => {
  window.shifts = 0;
  window.violations = [];
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifts += entry.value;
  }).observe({ type: "layout-shift", buffered: true });
  addEventListener("securitypolicyviolation", (event) => window.violations.push(event.violatedDirective));
})()
"""


def test_posting_works_without_javascript(visitor):
    ayu = visitor(java_script_enabled=False)
    ayu.page.goto("/")
    ayu.fill_in_the_entry_form("Ayu", "kitchen")
    expect(ayu.page.locator("[data-empty]")).to_be_visible()
    ayu.page.locator("#text").fill("By hand")
    ayu.page.get_by_role("button", name="Send").click()
    ayu.see_message("By hand")
    ayu.page.reload()
    ayu.see_message("By hand")
    ayu.page.locator("#text").fill("a" * 4_001)
    ayu.page.get_by_role("button", name="Send").click()
    expect(ayu.page.get_by_role("alert")).to_contain_text("longer than 4000 characters")
    expect(ayu.page.locator("#text")).to_have_value("a" * 4_001)


def test_the_header_and_the_composer_stay_in_place_when_messages_and_members_arrive(visitor):
    ayu = visitor().join_as_guest("Ayu", "kitchen")
    for number in range(12):
        ayu.send_message(f"Line {number}").see_message(f"Line {number}")
    ayu.context.add_init_script(RECORD_SHIFTS_AND_VIOLATIONS)
    ayu.page.reload()
    ayu.wait_for_room()
    budi = visitor().join_as_guest("Budi", "kitchen")
    ayu.see_notice("Budi joined")
    budi.send_message("Hello")
    ayu.see_message("Hello")
    header = ayu.page.locator(".room-head").bounding_box()
    composer = ayu.page.locator("[data-composer]").bounding_box()
    budi.send_message("A longer one\n\n- with\n- a list")
    expect(ayu.page.locator(".message li")).to_have_count(2)
    assert ayu.page.locator(".room-head").bounding_box() == header
    assert ayu.page.locator("[data-composer]").bounding_box() == composer


def test_opening_a_room_causes_no_layout_shift(visitor, kitchen, alice):
    import uuid

    from chat.actions.messages import Draft, post

    for number in range(50):
        post([Draft(kitchen.pk, alice.pk, uuid.uuid4(), f"Line {number}\n\n> quoted")])
    reader = visitor().log_in(alice)
    reader.context.add_init_script(RECORD_SHIFTS_AND_VIOLATIONS)
    reader.join_room("kitchen")  # this page stores the time zone
    reader.join_room("kitchen")
    expect(reader.page.locator(".message").last).to_be_in_viewport()
    assert reader.page.evaluate("window.shifts") < 0.01


def test_all_pages_comply_with_the_content_security_policy_and_log_no_errors(visitor, kitchen, alice):
    alice.is_staff = alice.is_superuser = True
    alice.save()
    reader = visitor().log_in(alice)
    reader.context.add_init_script(RECORD_SHIFTS_AND_VIOLATIONS)
    for path in [*PAGES, "/accounts/profile/", "/accounts/devices/", "/rooms/kitchen/about/", "/admin/"]:
        reader.page.goto(path)
        reader.page.wait_for_load_state("load")
        assert reader.page.evaluate("window.violations") == [], path


def test_no_page_is_wider_than_the_screen(visitor, kitchen, alice):
    import uuid

    from chat.actions.messages import Draft, post

    long = ("w" * 500, f"```\n{'x' * 400}\n```", "https://example.org/" + "y" * 300)
    post([Draft(kitchen.pk, alice.pk, uuid.uuid4(), text) for text in long])
    reader = visitor().log_in(alice)
    for width in (320, 768, 1440):
        reader.page.set_viewport_size({"width": width, "height": 700})
        for path in PAGES:
            reader.page.goto(path)
            assert reader.page.evaluate("document.documentElement.scrollWidth") <= width, (path, width)
        reader.join_room("kitchen")
        scroller = reader.page.locator("[data-scroller]")
        assert scroller.evaluate("list => list.scrollWidth <= list.clientWidth"), width


def test_the_lobby_shows_new_rooms_messages_and_people(visitor):
    ayu = visitor().join_as_guest("Ayu", "kitchen")
    ayu.page.goto("/")
    row = ayu.page.locator(".room-row").filter(has_text="kitchen")
    expect(row).to_have_count(1)
    budi = visitor().join_as_guest("Budi", "garden")
    expect(ayu.page.locator(".room-row").filter(has_text="garden")).to_have_count(1)
    budi.join_room("kitchen")
    budi.send_message("News")
    expect(row.locator(".unread-count")).to_contain_text("1")
    expect(row.locator(".room-people")).to_contain_text("1")


def test_a_user_creates_a_private_room(visitor, alice):
    owner = visitor().log_in(alice)
    owner.page.goto("/")
    owner.page.get_by_role("link", name="New room").click()
    owner.page.get_by_label("Name").fill("Perpustakaan")
    owner.page.get_by_label("Topic").fill("Books")
    owner.page.get_by_label("Only members you add").check()
    owner.page.get_by_role("button", name="Create room").click()
    owner.wait_for_room()
    expect(owner.page.get_by_role("heading", name="Perpustakaan")).to_be_visible()
