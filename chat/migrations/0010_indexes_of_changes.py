"""Indexes of the times of changes. PostgreSQL builds them without a lock that delays other processes."""

from importlib import import_module

from django.db import migrations, models

AddIndexConcurrently = import_module("chat.migrations.0008_index_of_mentions_of_all").AddIndexConcurrently


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("chat", "0009_times_of_changes")]

    operations = [
        AddIndexConcurrently(
            model_name="membership",
            index=models.Index(fields=["changed_at"], name="changed_memberships"),
        ),
        AddIndexConcurrently(
            model_name="user",
            index=models.Index(fields=["renamed_at"], name="renamed_people"),
        ),
        AddIndexConcurrently(
            model_name="user",
            index=models.Index(fields=["rooms_changed_at"], name="people_with_changed_rooms"),
        ),
    ]
