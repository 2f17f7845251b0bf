"""Index deleted messages whose text is still stored. PostgreSQL builds it without a lock that delays others."""

from django.db import migrations, models

from ._concurrently import AddIndexConcurrently


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("chat", "0013_cases")]

    operations = [
        AddIndexConcurrently(
            model_name='message',
            index=models.Index(condition=models.Q(models.Q(('deleted_at', None), _negated=True), models.Q(('text', ''), _negated=True)), fields=['deleted_at'], name='messages_to_purge'),
        ),
    ]
