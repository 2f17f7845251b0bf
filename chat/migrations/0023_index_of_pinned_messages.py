"""Index pinned messages. PostgreSQL builds it without a lock that delays others."""

from django.db import migrations, models

from ._concurrently import AddIndexConcurrently


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("chat", "0022_rooms")]

    operations = [
        AddIndexConcurrently(
            model_name='message',
            index=models.Index(
                fields=['room', 'pinned_at'],
                name='pinned_messages',
                condition=~models.Q(pinned_at=None),
            ),
        ),
    ]
