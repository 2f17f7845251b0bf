"""System checks: settings that Obrolan refuses to start with. All errors are reported at once, one line each.

Django's management commands run them. `chatproject/asgi.py` runs them for servers that are no such command.
`E001` is a value that cannot be parsed. The others are valid values that are not safe.
"""

import sys
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error

SECRET_KEY_LENGTH = 16  # characters, at least; `check --deploy` asks for 50
MAX_KEEP_HIDDEN = 36_500  # days
PLACEHOLDERS = ("django-insecure", "change-me", "changeme", "change_me")  # used by examples and by Django
IN_MEMORY = "channels.layers.InMemoryChannelLayer"


def check_settings(**_: Any) -> list[CheckMessage]:
    errors = [Error(line, id="obrolan.E001") for line in settings.SETTINGS_ERRORS]
    return errors if settings.DEBUG else [*errors, *_unsafe_settings()]


def exit_on_errors() -> None:
    if errors := check_settings():
        sys.exit("\n".join(error.msg for error in errors))


def _unsafe_settings() -> list[CheckMessage]:
    errors: list[CheckMessage] = []
    if _is_guessable(settings.SECRET_KEY):
        message = "SECRET_KEY can be guessed. Set it to 50 random characters."
        errors.append(Error(message, id="obrolan.E002"))
    if "*" in settings.ALLOWED_HOSTS:
        message = "ALLOWED_HOSTS is *, so any host name is accepted. Set it to the host name of your site."
        errors.append(Error(message, id="obrolan.E003"))
    if settings.OBROLAN_PROCESSES > 1 and settings.CHANNEL_LAYERS["default"]["BACKEND"] == IN_MEMORY:
        message = "OBROLAN_PROCESSES is above 1, and processes exchange events over Redis. Set REDIS_URL."
        errors.append(Error(message, id="obrolan.E004"))
    if settings.OBROLAN_PROCESSES > 1 and settings.USES_SQLITE:
        message = "OBROLAN_PROCESSES is above 1, but SQLite supports only one process. Set DATABASE_URL."
        errors.append(Error(message, id="obrolan.E005"))
    if settings.OBROLAN_KEEP_HIDDEN > MAX_KEEP_HIDDEN:
        message = f"OBROLAN_KEEP_HIDDEN has to be at most {MAX_KEEP_HIDDEN:,} days."
        errors.append(Error(message, id="obrolan.E006"))
    return errors


def _is_guessable(key: str) -> bool:
    return len(key) < SECRET_KEY_LENGTH or key.lower().startswith(PLACEHOLDERS)
