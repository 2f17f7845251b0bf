"""Index messages by author, in the order of their ids. PostgreSQL builds it without a lock that delays others."""

from django.db import migrations, models

from ._concurrently import AddIndexConcurrently


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("chat", "0017_roles")]

    operations = [
        AddIndexConcurrently(
            model_name='message',
            index=models.Index(fields=['author', 'id'], name='messages_of_person'),
        ),
    ]
