"""Bans of IP addresses: they refuse guests and new accounts from there."""

from datetime import timedelta

import pytest

from chat.actions import people, sanctions
from chat.models import Membership
from chat.refusals import Refusal

from .posting import say

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


def guest(name, ip):
    from chat.client_ip import serving

    with serving(ip):
        return people.enter_as_guest(name)


def test_a_ban_with_the_address_refuses_guests_from_it_but_no_accounts(alice, root, kitchen):
    ayu, ani, other = guest("Ayu", "2001:db8::1"), guest("Ani", "2001:db8::2"), guest("Adi", "2001:db9::1")
    ban = sanctions.impose("ban", ayu, by=root, reason="Spam", duration=HOUR, with_address=True)
    assert [say(kitchen, each) for each in (ayu, ani)] == ["banned", "banned"]
    assert say(kitchen, other).seq == 1 and say(kitchen, alice).seq == 2
    with pytest.raises(Refusal, match="not admitted: Spam"):
        guest("Ayi", "2001:db8::3")
    sanctions.lift(ban, by=root)
    assert guest("Ayi", "2001:db8::3")


def test_a_guest_who_enters_from_an_address_banned_in_a_room_is_banned_there(bob, kitchen, vault):
    ban = {"by": bob, "room": kitchen, "reason": "Spam", "with_address": True}
    sanctions.impose("ban", guest("Ayu", "192.0.2.1"), **ban)
    assert say(kitchen, guest("Ani", "192.0.2.1")) == "banned"


def test_a_banned_address_cannot_sign_up(root):
    from chat.client_ip import serving

    sanctions.ban_address("192.0.2.1", by=root, reason="Spam", duration=HOUR)
    with serving("192.0.2.1"), pytest.raises(Refusal, match="not admitted: Spam"):
        people.sign_up(username="eve", password="a quiet pond 7")
    with serving("192.0.2.2"):
        assert people.sign_up(username="eve", password="a quiet pond 7")


def test_a_room_moderator_cannot_ban_the_address_of_a_guest_of_their_rank(bob, kitchen):
    ayu, ani = guest("Ayu", "192.0.2.1"), guest("Ani", "192.0.2.1")
    Membership.objects.create(room=kitchen, user=ani, role=Membership.MODERATOR)
    with pytest.raises(Refusal, match="rank"):
        sanctions.impose("ban", ayu, by=bob, room=kitchen, reason="Spam", with_address=True)


@pytest.mark.parametrize("address", ["", "x", "1.2.3", "192.0.2.1 or 1=1"])
def test_a_malformed_address_is_refused(root, address):
    with pytest.raises(Refusal, match="not an IP address"):
        sanctions.ban_address(address, by=root, reason="Spam", duration=HOUR)
