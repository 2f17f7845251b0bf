from typing import Any

from django.apps import AppConfig
from django.core.checks import register
from django.db import connections
from django.db.models.signals import post_migrate


class ChatConfig(AppConfig):
    name = "chat"
    verbose_name = "Obrolan"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from .checks import check_settings

        register(check_settings)
        post_migrate.connect(install_triggers, sender=self)


def install_triggers(*, using: str, plan: Any = None, **_: Any) -> None:
    """A migration of a table drops its triggers on SQLite. A flush, which has no plan, does not."""
    from chat.models import AccessChange, Message, access_triggers

    from .search import schema

    connection = connections[using]
    if plan and connection.vendor == "sqlite":
        # Not in the state before the migrations that they need.
        if has_column(connection, Message, "search_text"):
            schema.install(connection)
        if has_column(connection, AccessChange, "at"):
            access_triggers.install(connection)


def has_column(connection: Any, model: Any, name: str) -> bool:
    with connection.cursor() as cursor:
        table = connection.introspection.get_table_description(cursor, model._meta.db_table)
    return any(column.name == name for column in table)
