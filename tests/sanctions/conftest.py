"""Fixtures: people of higher ranks, and the audit log."""

import pytest


@pytest.fixture
def root(database):
    """An administrator."""
    from chat.models import User

    return User.objects.create_superuser("rut", name="Rut")


@pytest.fixture
def owner(kitchen, vault):
    """The owner of both rooms."""
    from chat.models import Membership, User

    olga = User.objects.create_user("olga", name="Olga")
    for room in (kitchen, vault):
        Membership.objects.create(room=room, user=olga, role=Membership.OWNER)
    return olga


@pytest.fixture
def actions_logged():
    """A function that returns the actions in the audit log, in order."""
    from chat.actions import audit
    from chat.models import AuditEntry

    def actions_logged():
        assert audit.first_broken() is None
        return list(AuditEntry.objects.order_by("number").values_list("action", flat=True))

    return actions_logged
