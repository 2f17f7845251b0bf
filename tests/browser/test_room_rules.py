"""An owner sets modes and rules on their pages while another person is in the room."""

import pytest
from playwright.sync_api import expect

from chat.models import Membership, Message, Room

pytestmark = pytest.mark.once


@pytest.fixture
def owned_kitchen(kitchen, alice):
    Membership.objects.filter(room=kitchen, user=alice).update(role=Membership.OWNER)
    Membership.objects.filter(room=kitchen).exclude(user=alice).update(role=Membership.MEMBER)
    return kitchen


def test_an_owner_tries_and_adds_a_rule_that_masks_what_a_member_writes(visitor, alice, bob, owned_kitchen):
    owner, member = visitor().log_in(alice).page, visitor().log_in(bob)
    owner.goto("/rooms/kitchen/about/")
    owner.get_by_role("link", name="Edit").click()
    owner.get_by_role("link", name="Word and link rules").click()
    owner.get_by_label("Word, phrase or host").fill("darn")
    owner.get_by_label("The word is replaced by •••").check()
    owner.get_by_role("button", name="Add").click()
    expect(owner.get_by_text("Added “darn”")).to_be_visible()
    owner.get_by_label("Try a message").fill("Darn it")
    owner.get_by_role("button", name="Try").click()
    expect(owner.get_by_role("status").filter(has_text="••• it")).to_be_visible()
    member.join_room("kitchen")
    member.send_message("Darn, it rains")
    member.see_message("•••, it rains")
    assert Message.objects.get().text == "•••, it rains"
    owner.get_by_role("button", name="Remove darn").click()
    expect(owner.get_by_text("There are no rules yet")).to_be_visible()
    member.send_message("Darn, still")
    member.see_message("Darn, still")


def test_an_owner_lets_only_accounts_write(visitor, alice, owned_kitchen):
    owner = visitor().log_in(alice).page
    owner.goto("/rooms/kitchen/about/")
    owner.get_by_role("link", name="Edit").click()
    owner.get_by_label("Who can write").select_option("People with an account, no guests")
    owner.get_by_label("Slow mode").select_option("30 seconds")
    owner.get_by_label("First messages that wait for approval").fill("2")
    owner.get_by_role("button", name="Save").click()
    expect(owner.get_by_text("Saved")).to_be_visible()
    room = Room.objects.get(pk=owned_kitchen.pk)
    assert (room.posters, room.slow_mode, room.approve_first) == ("accounts", 30, 2)
