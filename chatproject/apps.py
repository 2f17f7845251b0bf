from importlib import import_module

from django.contrib.admin.apps import AdminConfig as StockAdminConfig

PAGES = ("users", "rooms", "memberships", "messages", "invitations")


class AdminConfig(StockAdminConfig):
    default_site = "chat.admin.site.ObrolanAdmin"

    def ready(self) -> None:
        super().ready()
        for page in PAGES:
            import_module(f"chat.admin.{page}")
