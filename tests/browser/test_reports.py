"""Reporting a message and a person: with the mouse, by keyboard, on a phone, and without scripts."""

import uuid

import pytest
from playwright.sync_api import expect

from chat.actions.messages import Draft, post
from chat.models import Report

pytestmark = pytest.mark.once

BUSY = '<main><h1>Too many requests</h1><p class="lead">Wait a minute.</p></main>'
PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}


@pytest.fixture
def spam(kitchen, bob, alice):
    post([Draft(kitchen.pk, alice.pk, uuid.uuid4(), "Buy my soup")])


@pytest.fixture
def reader(visitor, spam, charlie):
    return visitor().log_in(charlie).join_room("kitchen")


def dialog(person):
    return person.page.get_by_role("dialog", name="Report")


def open_report(person, text="Buy my soup"):
    person.page.locator("#text").focus()
    person.page.keyboard.press("Shift+Tab")
    expect(person.message(text)).to_be_focused()
    person.page.keyboard.press("Shift+F10")
    person.page.get_by_role("menuitem", name="Report").click()
    expect(dialog(person)).to_contain_text(text)


def test_a_message_is_reported_from_its_menu_with_a_reason(reader):
    open_report(reader)
    dialog(reader).get_by_label("Spam or advertising").check()
    dialog(reader).get_by_role("button", name="Send report").click()
    expect(dialog(reader)).to_have_count(0)
    expect(reader.page.get_by_text("Thank you. The moderators will look at it.")).to_be_visible()
    report = Report.objects.get()
    assert (report.reason, report.case.text) == ("spam", "Buy my soup")


def test_a_person_is_reported_from_the_list_of_people_by_keyboard(visitor, reader, alice):
    visitor().log_in(alice).join_room("kitchen")
    reader.page.locator(".person-name").filter(has_text="Alice").focus()
    reader.page.keyboard.press("Enter")
    reader.page.locator("[data-card]").get_by_role("link", name="Report").focus()
    reader.page.keyboard.press("Enter")
    expect(dialog(reader).get_by_label("Spam or advertising")).to_be_focused()
    reader.page.keyboard.press("ArrowDown")
    reader.page.keyboard.press("Enter")
    expect(dialog(reader)).to_have_count(0)
    report = Report.objects.get()
    assert (report.reason, report.case.person, report.case.message) == ("abuse", alice, None)


def test_without_a_reason_a_report_is_not_sent_and_says_so(reader):
    open_report(reader)
    dialog(reader).get_by_label("In your words").fill("Every day")
    dialog(reader).locator("form").evaluate("form => { form.noValidate = true; }")
    dialog(reader).get_by_role("button", name="Send report").click()
    expect(dialog(reader)).to_contain_text("Choose what is wrong.")
    expect(dialog(reader).get_by_label("In your words")).to_have_value("Every day")
    assert not Report.objects.exists()


def test_a_report_on_a_phone_by_touch(visitor, spam, charlie):
    reader = visitor(**PHONE).log_in(charlie).join_room("kitchen")
    words = reader.message("Buy my soup").locator(".words").bounding_box()
    session = reader.context.new_cdp_session(reader.page)
    point = {"x": words["x"] + 9, "y": words["y"] + 9}
    session.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [point]})
    entry = reader.page.get_by_role("menuitem", name="Report…")
    expect(entry).to_be_visible()
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    entry.tap()
    dialog(reader).get_by_label("Spam or advertising").tap()
    dialog(reader).get_by_role("button", name="Send report").tap()
    expect(dialog(reader)).to_have_count(0)
    assert Report.objects.get().reason == "spam"


def test_the_focus_returns_to_the_button_of_the_list_of_people_on_a_phone(visitor, spam, alice, charlie):
    reader = visitor(**PHONE).log_in(charlie).join_room("kitchen")
    visitor().log_in(alice).join_room("kitchen")
    reader.page.locator("[data-people-button]").tap()
    reader.page.locator(".person-name").filter(has_text="Alice").tap()
    reader.page.locator("[data-card]").get_by_role("link", name="Report").tap()
    expect(dialog(reader).get_by_role("radio").first).to_be_focused()
    reader.page.keyboard.press("Escape")
    expect(dialog(reader)).to_have_count(0)
    expect(reader.page.locator("[data-people-button]:focus, .person a:focus")).to_have_count(1)


def test_people_who_come_and_go_do_not_take_the_focus_from_a_name(reader, visitor, alice, bob):
    first = visitor().log_in(alice).join_room("kitchen")
    name = reader.page.locator(".person-name").filter(has_text="Alice")
    name.focus()
    other = visitor().log_in(bob).join_room("kitchen")
    expect(reader.page.locator(".person").filter(has_text="Bob")).to_be_visible()
    expect(name).to_be_focused()
    other.page.close()
    first.send_message("Hello").see_message("Hello")
    expect(name).to_be_focused()


def test_the_dialog_says_why_a_form_cannot_be_opened(reader, spam, bob):
    reader.page.route(
        "**/report/", lambda route: route.fulfill(status=429, content_type="text/html", body=BUSY)
    )
    reader.page.locator("#text").focus()
    reader.page.keyboard.press("Shift+Tab")
    reader.page.keyboard.press("Shift+F10")
    reader.page.get_by_role("menuitem", name="Report").click()
    expect(reader.page.locator("dialog.form-dialog")).to_contain_text("Wait a minute.")
