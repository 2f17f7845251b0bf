"""The notice that replaces the composer while the user may not write. It needs no script."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from chat.actions import modes, sanctions
from chat.models import Room

pytestmark = pytest.mark.django_db


def page(client, user):
    client.force_login(user)
    return client.get("/rooms/kitchen/").content.decode()


def gate(html):
    """The notice, or an empty string if the user may write."""
    found = re.search(r'<section class="gate"[^>]*>(.*?)</section>', html, re.S)
    return "" if " hidden" in found[0].split(">")[0] else found[1]


def test_a_muted_person_sees_until_when_and_why(client, kitchen, alice, bob):
    sanctions.impose("mute", alice, by=bob, room=kitchen, reason="Spam", duration=timedelta(hours=1))
    html = page(client, alice)
    assert re.search(r"You are muted until [\w ,]*\d\d:\d\d\.", gate(html)) and "Spam" in gate(html)
    assert 'href="/sanctions/"' in gate(html)
    assert gate(page(client, bob)) == ""


def test_the_answer_to_an_appeal_is_below_the_reason(client, kitchen, alice, bob):
    mute = sanctions.impose("mute", alice, by=bob, room=kitchen, reason="Spam")
    sanctions.appeal(mute, "I am calm", person=alice)
    sanctions.answer_appeal(mute, by=bob, answer="Not <yet>", lifts=False)
    assert "The answer to your appeal: Not &lt;yet&gt;" in gate(page(client, alice))


def test_the_longest_mute_counts(client, kitchen, alice, bob):
    for reason, duration in (
        ("An hour", timedelta(hours=1)),
        ("For ever", None),
        ("A day", timedelta(days=1)),
    ):
        sanctions.impose("mute", alice, by=bob, room=kitchen, reason=reason, duration=duration)
    assert "You are muted for good." in gate(page(client, alice))
    assert "For ever" in gate(page(client, alice))


def test_a_warning_is_acknowledged_without_scripts(client, kitchen, alice, bob):
    warning = sanctions.impose("warning", alice, by=bob, room=kitchen, reason="Language")
    assert f'action="/sanctions/{warning.pk}/acknowledge/"' in gate(page(client, alice))
    answer = client.post(f"/sanctions/{warning.pk}/acknowledge/", {"next": "/rooms/kitchen/"})
    assert answer.url == "/rooms/kitchen/"
    assert gate(page(client, alice)) == ""


def test_modes_close_the_composer_for_members_only(client, kitchen, alice, bob):
    modes.set_modes(kitchen, by=bob, is_locked=True, reason="Tomorrow")
    assert "Tomorrow" in gate(page(client, alice)) and gate(page(client, bob)) == ""
    Room.objects.update(is_locked=False, calm_until=timezone.now() + timedelta(minutes=5))
    assert "read-only until" in gate(page(client, alice)) and gate(page(client, bob)) == ""
    Room.objects.update(archived_at=timezone.now())
    assert "archived" in gate(page(client, bob))


def test_a_reason_is_escaped_in_the_page_and_its_events(client, kitchen, alice, bob):
    sanctions.impose("mute", alice, by=bob, room=kitchen, reason="</script><script>alert(1)</script>")
    assert "<script>alert" not in page(client, alice)
