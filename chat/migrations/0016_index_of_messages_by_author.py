"""Index messages by author and room, for slow mode. PostgreSQL builds it without a lock that delays others."""

from django.db import migrations, models

from ._concurrently import AddIndexConcurrently


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("chat", "0015_room_modes")]

    operations = [
        AddIndexConcurrently(
            model_name='message',
            index=models.Index(fields=['author', 'room', 'created_at'], name='messages_by_author'),
        ),
    ]
