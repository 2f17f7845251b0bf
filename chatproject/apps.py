from importlib import import_module

from django.contrib.admin.apps import AdminConfig as StockAdminConfig

PAGES = (
    "users", "rooms", "memberships", "messages", "cases", "sanctions", "held", "rules", "invitations",
    "audit",
)  # fmt: skip


class AdminConfig(StockAdminConfig):
    default_site = "chat.admin.site.ObrolanAdmin"

    def ready(self) -> None:
        from django.contrib.admin import site
        from django.contrib.auth.models import Group
        from django_tasks_db.models import DBTaskResult

        super().ready()
        site.unregister(Group)  # roles decide: see chat/rights.py
        site.unregister(DBTaskResult)  # `manage.py work --state` shows the queue
        for page in PAGES:
            import_module(f"chat.admin.{page}")
