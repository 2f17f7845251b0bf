from django.apps import AppConfig
from django.core.checks import register


class ChatConfig(AppConfig):
    name = "chat"
    verbose_name = "Obrolan"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from .checks import check_settings

        register(check_settings)
