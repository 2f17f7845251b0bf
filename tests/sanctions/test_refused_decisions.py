"""A decision that is refused costs others nothing: a member could repeat it in a loop."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from chat.actions import rules, sanctions
from chat.models import User
from chat.refusals import Refusal

DECISIONS = {
    "mute": lambda by, on, room: sanctions.impose("mute", on, by=by, reason="Spam"),
    "ban": lambda by, on, room: sanctions.impose("ban", on, by=by, room=room, reason="x", with_address=True),
    "address": lambda by, on, room: sanctions.ban_address("192.0.2.1", by=by, reason="x", duration=None),
    "rule": lambda by, on, room: rules.add(None, by=by, pattern="spam", effect="refuse"),
}

LOCKING = ("UPDATE", "INSERT", "advisory")


@pytest.mark.django_db
@pytest.mark.parametrize("kind", DECISIONS)
def test_a_member_who_decides_for_all_rooms_locks_and_changes_nothing(alice, kitchen, kind):
    guest = User.objects.create(username="guest:1", name="Ayu", is_guest=True, entry_ip="192.0.2.1")
    with CaptureQueriesContext(connection) as queries, pytest.raises(Refusal) as refused:
        DECISIONS[kind](alice, guest, kitchen)
    assert refused.value.code == "not_allowed"
    locks = [query["sql"] for query in queries if any(word in query["sql"] for word in LOCKING)]
    assert locks == []
