"""A room with more people than the page lists: a part of them, their number, and the ways to the others."""

import uuid

import pytest
from playwright.sync_api import expect

from chat.actions.messages import Draft, post
from chat.models import Membership, Presence, User

ELSEWHERE = uuid.uuid4()  # a web process


@pytest.fixture
def crowd(kitchen):
    users = User.objects.bulk_create(
        User(username=f"p{n}", name=f"Person {n:03}", is_guest=True) for n in range(150)
    )
    Membership.objects.bulk_create(Membership(room=kitchen, user=user) for user in users)
    here(kitchen, users)
    return users


def here(room, users):
    Presence.objects.bulk_create(Presence(process=ELSEWHERE, room=room, user=user) for user in users)


def test_a_crowd_is_counted_and_everybody_is_found(visitor, alice, kitchen, crowd):
    alices = visitor().log_in(alice).join_room("kitchen")
    page = alices.page
    count, more, names = (
        page.locator(part)
        for part in (".people-button [data-people-count]", "[data-more-people] span", "[data-people] li")
    )
    expect(count).to_have_text("151")
    expect(names).to_have_count(100)
    expect(more).to_have_text("and 51 more")
    expect(names.filter(has_text="Alice")).to_have_count(1)

    late = User.objects.create(username="late", name="Zora")
    Membership.objects.create(room=kitchen, user=late)
    here(kitchen, [late])
    expect(count).to_have_text("152")
    expect(names.filter(has_text="Zora")).to_have_count(0)
    page.locator("#text").focus()
    page.keyboard.type("@Zor")
    page.get_by_role("option").filter(has_text="Zora").click()
    expect(page.locator("#text")).to_have_value("@Zora ")
    page.locator("#text").fill("")
    page.keyboard.press("Control+k")
    expect(page.get_by_role("option").first).to_contain_text("Kitchen")
    page.keyboard.type("Zora")
    expect(page.get_by_role("option").filter(has_text="Zora")).to_have_count(1)
    page.keyboard.press("Escape")
    post([Draft(kitchen.pk, late.pk, uuid.uuid4(), "Good morning")])
    alices.see_message("Good morning")
    page.locator(".message .author", has_text="Zora").click()
    expect(page.locator("dialog [data-card]")).to_contain_text("Zora")
    page.keyboard.press("Escape")

    Presence.objects.filter(user__in=[user.pk for user in crowd[:100]]).delete()
    expect(count).to_have_text("52")
    expect(names).to_have_count(52)
    expect(more).to_be_hidden()
    expect(names.filter(has_text="Zora")).to_have_count(1)
    expect(page.locator(".notice")).to_have_count(0)
    Presence.objects.filter(user=late).delete()
    alices.see_notice("Zora left")
    expect(count).to_have_text("51")
