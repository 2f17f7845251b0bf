"""The people of a room with an owner: dewi owns the kitchen, the others have their usual roles."""

import uuid

import pytest

BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def dewi(database, kitchen, vault):
    """The owner of both rooms."""
    from chat.models import Membership, User

    dewi = User.objects.create_user("dewi", name="Dewi")
    for room in (kitchen, vault):
        Membership.objects.create(room=room, user=dewi, role=Membership.OWNER)
    return dewi


@pytest.fixture
def as_person():
    """A Django client of a person: `as_person(alice).get(…)`."""
    from django.test import Client

    def as_person(user):
        client = Client()
        client.force_login(user, backend=BACKEND)
        return client

    return as_person


@pytest.fixture
def say():
    """Post messages and return them: `say(kitchen, alice, "One", "Two")`."""
    from chat.actions.messages import Draft, post

    def say(room, author, *texts):
        return post([Draft(room.pk, author.pk, uuid.uuid4(), text) for text in texts])

    return say
