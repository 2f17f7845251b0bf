"""Two people have a room on their screens while a moderator works in the admin: appeals, messages that wait,
rooms that are archived or deleted, and a decision while Redis is down.
"""

import pytest
from playwright.sync_api import expect

from chat.models import HeldMessage, Room, Sanction, User

from .admin import open_person, sanction
from .visitor import WITHIN

ARCHIVED = "This room is archived. Nobody can write here."


@pytest.fixture
def as_administrator(three_screens):
    """The moderator of the three screens is an administrator."""
    User.objects.filter(username="mara").update(is_superuser=True)
    return three_screens


def gate(person):
    return person.page.locator("[data-gate]")


def open_needed(admin, name):
    """Follow a link in the list of what needs attention."""
    admin.goto("/admin/")
    admin.get_by_role("link", name=name).first.click()


def decide(admin, button, **fields):
    for label, value in fields.items():
        admin.get_by_label(label, exact=True).last.fill(value)
    admin.get_by_role("button", name=button, exact=True).click()
    expect(admin.locator(".messagelist")).to_be_visible()


@pytest.mark.once
def test_the_answer_to_an_appeal_shows_in_the_room_and_an_appeal_that_is_right_opens_it(three_screens):
    admin, offender, bystander = three_screens
    for words, button in (("I was joking", "Answer and keep"), ("It was my brother", "Answer and lift")):
        open_person(admin, "Alice")
        sanction(admin, "mute", f"Spam, you said: {words}")
        expect(gate(offender)).to_contain_text(words, timeout=WITHIN)
        appeals = offender.new_tab()
        appeals.goto("/sanctions/")
        appeals.get_by_label("Appeal, once").fill(words)
        appeals.get_by_role("button", name="Send appeal").click()
        expect(appeals.get_by_text("A moderator will answer.").first).to_be_visible()

        admin.goto("/admin/")
        expect(admin.get_by_text(f"“{words}”").first).to_be_visible()
        admin.get_by_role("listitem").filter(has_text=words).get_by_role("link").first.click()
        decide(admin, button, Answer="We have read it.")
        if button == "Answer and keep":
            answer = gate(offender).get_by_text("The answer to your appeal: We have read it.")
            expect(answer).to_be_visible(timeout=WITHIN)
            decide(admin, "Lift now")
        expect(gate(offender)).to_be_hidden(timeout=WITHIN)
        expect(bystander.page.locator("#text")).to_be_visible()
        appeals.reload()
        expect(appeals.get_by_text("The answer: We have read it.").first).to_be_visible()
    offender.send_message("Thank you")
    bystander.see_message("Thank you")


@pytest.mark.once
def test_messages_that_wait_are_approved_and_refused_in_the_admin(three_screens):
    admin, offender, bystander = three_screens
    Room.objects.update(approve_first=3)
    User.objects.filter(name="Alice").update(is_guest=True)  # accounts are approved in their first week only
    offender.send_message("My garden").send_message("More watches")
    expect(offender.page.locator(".held-note")).to_have_count(2)

    open_needed(admin, "My garden")
    decide(admin, "Approve")
    for person in (offender, bystander):
        expect(person.message("My garden")).to_have_count(1, timeout=WITHIN)
    open_needed(admin, "More watches")
    decide(admin, "Refuse", Answer="No advertising, please.")
    expect(offender.page.locator(".failure")).to_contain_text("No advertising, please.", timeout=WITHIN)
    expect(offender.page.locator(".held-note")).to_have_count(0)
    assert "More watches" not in bystander.texts()
    assert not HeldMessage.objects.waiting().exists()


@pytest.mark.once
def test_a_warning_of_the_admin_is_acknowledged_in_the_room(three_screens):
    admin, offender, bystander = three_screens
    open_person(admin, "Alice")
    sanction(admin, "warning", "No advertising")
    expect(gate(offender)).to_contain_text("A moderator warned you. No advertising", timeout=WITHIN)
    expect(gate(bystander)).to_be_hidden()
    gate(offender).get_by_role("button", name="I understand").click()
    expect(gate(offender)).to_be_hidden()
    offender.send_message("Sorry")
    bystander.see_message("Sorry")
    assert Sanction.objects.get().ended_at


@pytest.mark.once
def test_a_room_is_archived_and_taken_out_while_two_people_have_it_open(three_screens, kitchen):
    admin, offender, bystander = three_screens
    offender.write("Half a thought")
    admin.goto(f"/admin/chat/room/{kitchen.pk}/change/")
    decide(admin, "Archive", Notice="We moved to the garden.")
    for person in (offender, bystander):
        expect(gate(person)).to_contain_text(ARCHIVED, timeout=WITHIN)
        expect(gate(person)).to_contain_text("We moved to the garden.")
        expect(person.page.locator("#text")).to_be_hidden()
        expect(person.page.get_by_text("Archived", exact=True)).to_be_visible()
    decide(admin, "Take out of the archive")
    for person in (offender, bystander):
        expect(person.page.locator("#text")).to_be_visible(timeout=WITHIN)
    expect(offender.page.locator("#text")).to_have_value("Half a thought")
    bystander.send_message("We are back")
    offender.see_message("We are back")


@pytest.mark.once
def test_a_room_is_deleted_and_restored_while_two_people_have_it_open(as_administrator, kitchen):
    admin, offender, bystander = as_administrator
    offender.write("Half a thought")
    admin.goto(f"/admin/chat/room/{kitchen.pk}/change/")
    decide(admin, "Delete the room")
    for person in (offender, bystander):
        closed = person.page.locator("[data-closed]")
        expect(closed).to_contain_text("There is no such room", timeout=WITHIN)
        expect(closed.get_by_role("link", name="Go to the rooms")).to_be_visible()
        expect(person.page.locator("#text")).to_be_hidden()
    assert offender.page.reload().status == 404
    decide(admin, "Restore the room")
    offender.join_room("kitchen")
    expect(offender.page.locator("#text")).to_have_value("Half a thought")


def test_a_mute_reaches_the_open_screen_while_redis_is_down(three_screens, stack):
    if not stack.full or not stack.valkey.process:
        pytest.skip("needs a Redis server that the tests started")
    admin, offender, bystander = three_screens
    open_person(admin, "Alice")
    stack.valkey.kill()
    try:
        sanction(admin, "mute", "Please calm down")
        expect(gate(offender)).to_contain_text("Please calm down", timeout=WITHIN)
        expect(offender.page.locator("#text")).to_be_hidden()
        bystander.send_message("Thank you")
        offender.see_message("Thank you")
    finally:
        stack.valkey.start()
