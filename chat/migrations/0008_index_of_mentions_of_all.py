"""Index messages that mention all members. PostgreSQL builds it without a lock that delays other processes.

It is not in 0006, whose transaction locks the messages against reading until it ends.
"""

from django.db import migrations, models


class AddIndexConcurrently(migrations.AddIndex):
    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        if schema_editor.connection.vendor != "postgresql":
            super().database_forwards(app_label, schema_editor, from_state, to_state)
            return
        # A failed attempt leaves an invalid index.
        schema_editor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {self.index.name}")
        model = to_state.apps.get_model(app_label, self.model_name)
        schema_editor.add_index(model, self.index, concurrently=True)


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
