"""Searching by keyboard and on a phone, and the way from a room to a day of its archive."""

import re
import uuid

import pytest
from playwright.sync_api import expect

from chat.actions.messages import Draft, post
from chat.models import Message

PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
FITS = "() => document.documentElement.scrollWidth <= innerWidth"


@pytest.fixture
def talk(kitchen, alice, bob):
    texts = ["Kami mengajarkan bahasa", "The kettle is on", "Belajar di rumah"]
    post([Draft(kitchen.pk, bob.pk, uuid.uuid4(), text) for text in texts])
    post([Draft(kitchen.pk, alice.pk, uuid.uuid4(), "Ajari saya")])
    return kitchen


def test_a_search_by_keyboard_completes_filters_and_opens_the_message(visitor, talk, alice):
    reader = visitor().log_in(alice)
    page = reader.page
    page.goto("/")
    box = page.get_by_role("searchbox", name="Search messages")
    box.fill("ajar")
    box.press("Enter")
    expect(page.locator(".hits mark")).to_have_text(["Ajar", "ajar", "ajar"])
    box = page.get_by_role("searchbox", name="Search messages")
    box.focus()
    page.keyboard.press("End")
    page.keyboard.type("fr")
    expect(page.get_by_role("option", name="from:")).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.type("b")
    expect(page.get_by_role("option", name="Bob")).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")
    expect(box).to_have_value("ajar from:Bob ")
    page.keyboard.press("Enter")
    expect(page.locator(".hits mark")).to_have_text(["ajar", "ajar"])
    page.get_by_role("link", name=re.compile("mengajarkan")).focus()
    page.keyboard.press("Enter")
    expect(page.locator(".message.target")).to_contain_text("Kami mengajarkan bahasa")


def test_what_was_typed_before_the_script_arrived_is_completed(visitor, talk, alice):
    page = visitor().log_in(alice).page
    held = []
    script = re.compile(r"/search[^/]*\.js")
    page.route(script, lambda route: held.append(route))
    with page.expect_request(script):
        page.goto("/search/?q=ajar", wait_until="commit")
    page.get_by_role("searchbox", name="Search messages").press("End")
    page.keyboard.type(" fr")
    held[0].continue_()
    expect(page.get_by_role("option", name="from:")).to_be_visible()


def test_on_a_phone_the_room_leads_to_its_search_and_to_a_day(visitor, talk, alice):
    Message.objects.filter(seq=2).update(created_at="2026-03-03T05:00Z")
    Message.objects.filter(seq=1).update(created_at="2026-03-03T04:00Z")
    reader = visitor(**PHONE).log_in(alice).join_room("kitchen")
    page = reader.page
    page.get_by_role("button", name="Menu").tap()
    page.get_by_role("link", name="Search this room").tap()
    box = page.get_by_role("searchbox", name="Search messages")
    expect(box).to_have_value("in:Kitchen ")
    box.fill("in:Kitchen kettle")
    page.get_by_role("button", name="Search", exact=True).tap()
    expect(page.locator(".hits mark")).to_have_text("kettle")
    assert page.evaluate(FITS)
    reader.join_room("kitchen").page.get_by_role("button", name="Menu").tap()
    page.get_by_role("link", name="Jump to date").tap()
    page.get_by_role("link", name="March 2026", exact=True).tap()
    page.get_by_role("link", name="3 March 2026, 2 messages").tap()
    expect(page.locator(".messages .words")).to_have_text(["Kami mengajarkan bahasa", "The kettle is on"])
    assert page.evaluate(FITS)
    page.get_by_role("link", name="Calendar").tap()
    page.get_by_label("Jump to date").fill("2026-03-02")
    page.get_by_role("button", name="Open").tap()
    expect(page.locator(".message.target")).to_have_id("message-1")
