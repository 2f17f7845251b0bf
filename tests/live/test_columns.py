"""New messages are stored with all columns, on SQLite and PostgreSQL."""

import uuid
from datetime import UTC, datetime

import pytest
from django.db import models

from chat.models import Message

pytestmark = pytest.mark.django_db

WHEN = datetime(2026, 3, 3, 12, 30, 15, 123456, tzinfo=UTC)
SAMPLES = {  # a value unlike any default, by field class
    models.BigIntegerField: 7,
    models.SmallIntegerField: 7,
    models.TextField: 'Teh "manis" \\ 🫖',
    models.CharField: "teh",
    models.BooleanField: True,
    models.UUIDField: uuid.UUID(int=7),
    models.JSONField: {"👍": [1, 2]},
    models.DateTimeField: WHEN,
}


def sample(field, user, room):
    if isinstance(field, models.ForeignKey):
        return {"User": user, "Room": room}[field.related_model.__name__].pk
    assert type(field) in SAMPLES, f"SAMPLES needs a value for {field}"
    return SAMPLES[type(field)]


def test_every_column_of_a_new_message_is_stored(alice, kitchen):
    """PostgreSQL stores rows with SQL of its own, in which a new column could be missing."""
    fields = [field for field in Message._meta.concrete_fields if not field.primary_key]
    values = {field.attname: sample(field, alice, kitchen) for field in fields}
    message = Message(**values)
    Message.objects.append([message])
    assert message.pk and not message._state.adding
    assert Message.objects.filter(pk=message.pk).values(*values).get() == values
