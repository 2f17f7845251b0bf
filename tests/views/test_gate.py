"""What replaces the composer on the room's page while its user may not write."""

from datetime import timedelta

import pytest

from chat.actions import sanctions

pytestmark = pytest.mark.django_db


def page(client, user):
    client.force_login(user)
    return client.get("/rooms/kitchen/").content.decode()


def test_a_muted_person_sees_until_when_and_why(client, kitchen, alice, bob):
    sanctions.impose("mute", alice, by=bob, room=kitchen, reason="Spam", duration=timedelta(hours=1))
    html = page(client, alice)
    assert "You are muted until" in html and "Spam" in html
