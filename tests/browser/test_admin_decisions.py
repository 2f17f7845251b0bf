"""A moderator decides in the admin; the offender and a bystander in the room see it within two seconds."""

import pytest
from playwright.sync_api import expect

from chat.models import User

from .admin import open_person, sanction
from .conftest import SPAM
from .visitor import WITHIN

pytestmark = pytest.mark.once


def test_a_message_that_is_hidden_in_the_list_disappears_from_both_screens(three_screens):
    admin, offender, bystander = three_screens
    admin.goto("/admin/chat/message/")
    admin.get_by_role("row", name=SPAM).get_by_role("checkbox").check()
    admin.get_by_label("Action:").select_option(label="Hide")
    admin.get_by_role("button", name="Go").click()
    expect(admin.get_by_role("heading", name="Hide 1 message")).to_be_visible()
    admin.get_by_role("button", name="Hide 1 message").click()
    expect(admin.get_by_text("Hidden: 1.")).to_be_visible()
    for person in (offender, bystander):
        expect(person.page.get_by_text(SPAM)).to_have_count(0, timeout=WITHIN)


def test_a_person_who_is_muted_sees_why_and_may_write_again_when_it_is_lifted(three_screens):
    admin, offender, bystander = three_screens
    open_person(admin, "Alice")
    sanction(admin, "mute", "Please calm down")
    expect(offender.page.get_by_text("Please calm down").first).to_be_visible(timeout=WITHIN)
    expect(offender.page.locator("#text")).to_be_hidden(timeout=WITHIN)
    expect(bystander.page.locator("#text")).to_be_visible()

    admin.get_by_role("link", name="Mute").first.click()
    admin.get_by_role("button", name="Lift now").click()
    expect(admin.locator(".messagelist")).to_contain_text("Lifted")
    expect(offender.page.locator("#text")).to_be_visible(timeout=WITHIN)
    offender.send_message("I am calm")
    bystander.see_message("I am calm")


def test_a_person_who_is_banned_is_told_so_at_once(three_screens):
    admin, offender, bystander = three_screens
    open_person(admin, "Alice")
    sanction(admin, "ban", "That was too much")
    expect(offender.page.get_by_text("That was too much").first).to_be_visible(timeout=WITHIN)
    bystander.send_message("Thank you")
    bystander.see_message("Thank you")


def test_a_case_is_decided_in_one_form(three_screens, kitchen):
    from chat.actions import reports
    from chat.models import Message

    admin, offender, bystander = three_screens
    reports.report_message(Message.objects.get(), by=User.objects.get(name="Bob"), reason="spam")
    admin.goto("/admin/")
    admin.get_by_role("link", name=SPAM).click()
    admin.get_by_label("Hide the message").check()
    admin.get_by_label("What to do").select_option("mute")
    admin.get_by_label("Reason", exact=True).select_option("spam")
    admin.get_by_role("button", name="Decide and close").click()
    expect(admin.get_by_text("Mara closed this case")).to_be_visible()
    for person in (offender, bystander):
        expect(person.page.get_by_text(SPAM)).to_have_count(0, timeout=WITHIN)
    expect(offender.page.locator("#text")).to_be_hidden(timeout=WITHIN)


def test_a_room_is_calmed_down_on_its_page(three_screens, kitchen):
    admin, offender, _ = three_screens
    admin.goto(f"/admin/chat/room/{kitchen.pk}/change/")
    admin.get_by_label("Notice").last.fill("Take a breath")
    admin.get_by_role("button", name="Calm down for 10 minutes").click()
    expect(admin.get_by_role("button", name="Reopen")).to_be_visible()
    expect(offender.page.get_by_text("Take a breath").first).to_be_visible(timeout=WITHIN)
    expect(offender.page.locator("#text")).to_be_hidden(timeout=WITHIN)
    admin.get_by_role("button", name="Reopen").click()
    expect(offender.page.locator("#text")).to_be_visible(timeout=WITHIN)
