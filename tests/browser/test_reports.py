"""Reporting a message and a person: with the mouse, by keyboard, on a phone, and without scripts."""

import uuid

import pytest
from playwright.sync_api import expect

from chat.actions.messages import Draft, post
from chat.models import Report

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
