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
        post_migrate.connect(install_search, sender=self)


def install_search(*, using: str, plan: Any = None, **_: Any) -> None:
    """A migration of `Message` drops the triggers on SQLite. A flush, which has no plan, does not."""
    from chat.models import Message

    from .search import schema

    connection = connections[using]
    if plan and connection.vendor == "sqlite" and has_column(connection, Message):
        schema.install(connection)


def has_column(connection: Any, model: Any) -> bool:
    """Not in the state before the migration that adds it."""
    with connection.cursor() as cursor:
        table = connection.introspection.get_table_description(cursor, model._meta.db_table)
    return any(column.name == "search_text" for column in table)
