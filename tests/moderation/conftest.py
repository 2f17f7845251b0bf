"""The people of moderation: a site moderator, and messages to decide about."""

import uuid

import pytest


@pytest.fixture
def mara(database):
    """A moderator of all rooms who is a member of none."""
    from django.contrib.auth.models import Group

    from chat.models import User

    mara = User.objects.create_user("mara", name="Mara", is_staff=True)
    mara.groups.add(*Group.objects.filter(name="Moderators"))
    return mara


@pytest.fixture
def say():
    """Post messages and return them: `say(kitchen, alice, "One", "Two")`."""
    from chat.actions.messages import Draft, post

    def say(room, author, *texts):
        return post([Draft(room.pk, author.pk, uuid.uuid4(), text) for text in texts])

    return say
