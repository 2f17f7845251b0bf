"""Index messages that mention all members. PostgreSQL builds it without a lock that delays other processes.

It is not in 0006, whose transaction locks the messages against reading until it ends.
"""

from django.db import migrations, models

from ._concurrently import AddIndexConcurrently


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("chat", "0007_reaction_order")]

    operations = [
        AddIndexConcurrently(
            model_name="message",
            index=models.Index(
                condition=models.Q(("mentions_all", True)), fields=["room", "seq"], name="mentions_of_all"
            ),
        ),
    ]
