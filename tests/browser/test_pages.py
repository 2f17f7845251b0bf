"""The pages themselves: without a script, under the strict policy, and without anything that moves."""

import pytest
from playwright.sync_api import expect

PAGES = ["/", "/rooms/new/", "/rooms/kitchen/", "/rooms/nowhere/"]

WATCH = """
() => {
  window.shifts = 0;
  window.reports = [];
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifts += entry.value;
  }).observe({ type: "layout-shift", buffered: true });
  addEventListener("securitypolicyviolation", (event) => window.reports.push(event.violatedDirective));
}
"""
WATCH_FROM_THE_START = f"({WATCH})()"


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


def test_nothing_moves_when_messages_and_people_come(visitor):
    ayu = visitor().enter_as_guest("Ayu", "kitchen")
    for number in range(12):
        ayu.send_message(f"Line {number}").see_message(f"Line {number}")
    ayu.context.add_init_script(WATCH_FROM_THE_START)
    ayu.page.reload()
    ayu.be_in_room()
    budi = visitor().enter_as_guest("Budi", "kitchen")
    ayu.see_notice("Budi joined")
    budi.send_message("Hello")
    ayu.see_message("Hello")
    head = ayu.page.locator(".room-head").bounding_box()
    foot = ayu.page.locator("[data-composer]").bounding_box()
    budi.send_message("A longer one\n\n- with\n- a list")
    expect(ayu.page.locator(".message li")).to_have_count(2)
    assert ayu.page.locator(".room-head").bounding_box() == head
    assert ayu.page.locator("[data-composer]").bounding_box() == foot


def test_opening_a_room_shifts_nothing(visitor, kitchen, alice):
    import uuid

    from chat.actions.messages import Draft, post

    for number in range(50):
        post([Draft(kitchen.pk, alice.pk, uuid.uuid4(), f"Line {number}\n\n> quoted")])
    reader = visitor().sign_in(alice)
    reader.context.add_init_script(WATCH_FROM_THE_START)
    reader.join_room("kitchen")  # the first page tells the zone
    reader.join_room("kitchen")
    expect(reader.page.locator(".message").last).to_be_in_viewport()
    assert reader.page.evaluate("window.shifts") < 0.01


def test_pages_obey_the_policy_and_log_nothing(visitor, kitchen, alice):
    alice.is_staff = alice.is_superuser = True
    alice.save()
    reader = visitor().sign_in(alice)
    reader.context.add_init_script(WATCH_FROM_THE_START)
    for path in [*PAGES, "/accounts/password_change/", "/rooms/kitchen/about/", "/admin/"]:
        reader.page.goto(path)
        reader.page.wait_for_load_state("load")
        assert reader.page.evaluate("window.reports") == [], path


@pytest.mark.parametrize("width", [320, 768, 1440])
def test_no_page_is_wider_than_the_screen(visitor, kitchen, alice, width):
    import uuid

    from chat.actions.messages import Draft, post

    long = ("w" * 500, f"```\n{'x' * 400}\n```", "https://example.org/" + "y" * 300)
    post([Draft(kitchen.pk, alice.pk, uuid.uuid4(), text) for text in long])
    reader = visitor(viewport={"width": width, "height": 700}).sign_in(alice)
    for path in PAGES:
        reader.page.goto(path)
        assert reader.page.evaluate("document.documentElement.scrollWidth") <= width, path
    reader.join_room("kitchen")
    assert reader.page.locator("[data-scroller]").evaluate("talk => talk.scrollWidth <= talk.clientWidth")


def test_the_lobby_is_live(visitor):
    ayu = visitor().enter_as_guest("Ayu", "kitchen")
    ayu.page.goto("/")
    row = ayu.page.locator(".room-row").filter(has_text="kitchen")
    expect(row).to_have_count(1)
    budi = visitor().enter_as_guest("Budi", "garden")
    expect(ayu.page.locator(".room-row").filter(has_text="garden")).to_have_count(1)
    budi.join_room("kitchen")
    budi.send_message("News")
    expect(row.locator(".unread-count")).to_contain_text("1")
    expect(row.locator(".room-people")).to_contain_text("1")


def test_a_room_is_made_by_the_form(visitor, alice):
    maker = visitor().sign_in(alice)
    maker.page.goto("/")
    maker.page.get_by_role("link", name="New room").click()
    maker.page.get_by_label("Name").fill("Perpustakaan")
    maker.page.get_by_label("Topic").fill("Books")
    maker.page.get_by_label("Only members you add").check()
    maker.page.get_by_role("button", name="Create room").click()
    maker.be_in_room()
    expect(maker.page.get_by_role("heading", name="Perpustakaan")).to_be_visible()
