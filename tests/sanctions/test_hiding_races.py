"""A sanction that is lifted while its messages are being hidden leaves none of them hidden."""

import uuid
from contextlib import contextmanager

import pytest

from chat.actions import audit, hiding, sanctions
from chat.actions.messages import Draft, post
from chat.models import Message


@pytest.mark.django_db
@pytest.mark.parametrize("site_wide", [False, True])
def test_a_lift_between_two_parts_restores_all(alice, root, kitchen, monkeypatch, site_wide):
    post([Draft(kitchen.pk, alice.pk, uuid.uuid4(), "spam") for _ in range(6)])
    room = None if site_wide else kitchen
    ban = sanctions.impose("ban", alice, by=root, room=room, reason="Spam")
    together, parts = audit.together, []

    @contextmanager
    def part():
        parts.append(1)
        if len(parts) == 2:
            sanctions.lift(ban, by=root)
        with together():
            yield

    monkeypatch.setattr(hiding, "AT_ONCE", 2)
    monkeypatch.setattr(audit, "together", part)
    assert sanctions.hide_messages(ban, by=root) == 2
    assert not Message.objects.exclude(deleted_at=None).exists()
