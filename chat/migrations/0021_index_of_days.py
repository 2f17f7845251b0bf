"""Index the shown messages of a room by time. PostgreSQL builds it without a lock that delays others."""

from django.db import migrations, models

from ._concurrently import AddIndexConcurrently


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("chat", "0020_search")]

    operations = [
        AddIndexConcurrently(
            model_name="message",
            index=models.Index(
                fields=["room", "created_at"], name="shown_messages", condition=models.Q(deleted_at=None)
            ),
        ),
    ]
