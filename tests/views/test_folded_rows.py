"""Runs of deleted messages on the page that the server renders (for the browser: tests/browser)."""

import re
import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from chat.actions.changes import Delete
from chat.actions.messages import Draft, post
from chat.models import Message

pytestmark = pytest.mark.django_db


@pytest.fixture
def rows(client, kitchen, alice, bob):
    """Post six messages and delete these. Returns the classes of the rows and the texts of the buttons."""

    def render(*deleted, days_ago=()):
        post([Draft(kitchen.pk, alice.pk, uuid.uuid4(), f"Line {number}") for number in range(6)])
        post([Delete(kitchen.pk, alice.pk, seq) for seq in deleted])
        for seq in days_ago:
            Message.objects.filter(seq=seq).update(created_at=timezone.now() - timedelta(days=1))
        client.force_login(bob, backend="django.contrib.auth.backends.ModelBackend")
        page = client.get("/rooms/kitchen/").content.decode().partition("<template")[0]
        found = re.findall(r'<li class="message([^"]*)"', page)
        return [classes.split() for classes in found], re.findall(r'class="unfold"[^>]*>([^<]+)<', page)

    return render


def test_three_deleted_messages_in_a_row_are_one_line(rows):
    classes, buttons = rows(2, 3, 4)
    assert buttons == ["3 deleted messages"]
    assert [("folds" in row, "folded" in row) for row in classes] == [
        (False, False), (True, False), (False, True), (False, True), (False, False), (False, False),
    ]  # fmt: skip


def test_two_deleted_messages_are_two_lines(rows):
    classes, buttons = rows(2, 3, 5)
    assert buttons == [] and not any("folded" in row for row in classes)


def test_a_run_ends_at_a_day_line(rows):
    _, buttons = rows(1, 2, 3, 4, days_ago=(1, 2))
    assert buttons == []


def test_the_message_after_a_folded_run_shows_its_author(rows):
    classes, _ = rows(2, 3, 4)
    assert "continues" not in classes[4] and "continues" in classes[5]
