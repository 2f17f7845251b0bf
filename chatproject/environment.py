"""Reads settings from environment variables. `errors` collects the invalid ones, one line each, and
`chat/checks.py` reports them together.

django-environ reads files and parses URLs. Numbers, switches and choices are parsed here, because the library
reads `DEBUG=maybe` as off, stops at the first error, and shows the value, which may be a password.
"""

import os
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from django.core.exceptions import ImproperlyConfigured
from django.core.management.utils import get_random_secret_key
from environ import Env
from environ.fileaware_mapping import FileAwareMapping

from . import redis_check
from .keys import is_vapid_key, new_vapid_key, stored

ON, OFF = ("on", "yes", "true", "1"), ("off", "no", "false", "0")
DATABASES = ("postgres", "postgresql", "sqlite")

T = TypeVar("T")


class Environment:
    """Reads the variable `NAME`, or the file named in `NAME_FILE`. An empty value means the default."""

    def __init__(self, environment: Mapping[str, str] = os.environ) -> None:
        self.environment = FileAwareMapping(environment)
        self.errors: list[str] = []

    def __call__(self, name: str, default: str = "") -> str:
        try:
            return self.environment.get(name, "").strip() or default
        except (OSError, UnicodeError):
            path = self.environment[f"{name}_FILE"]
            self.errors.append(f"{name}_FILE names {path}, which cannot be read.")
            return default

    def bool(self, name: str, default: bool) -> bool:
        return self._read(name, default, _on_or_off, "on or off")

    def int(self, name: str, default: int) -> int:
        return self._read(name, default, _above_zero(int), "a whole number above 0")

    def float(self, name: str, default: float) -> float:
        return self._read(name, default, _above_zero(float), "a number above 0")

    def list(self, name: str, default: list[str]) -> list[str]:
        return self._read(name, default, lambda text: [item.strip() for item in text.split(",")], "a list")

    def one_of(self, name: str, default: str, *others: str) -> str:
        choices = {choice: choice for choice in (default, *others)}
        return self._read(name, default, choices.__getitem__, " or ".join(choices))

    def database(self, name: str) -> dict[str, Any]:
        """Django's settings for a database; empty without a URL. Error messages never show the password."""
        url = self(name)
        if not url:
            return {}
        try:
            if url.partition(":")[0] in DATABASES and (database := Env.db_url_config(url)).get("NAME"):
                return database
        except ValueError:
            pass
        self.errors.append(f"{name} has to look like postgres://user:password@host:5432/name.")
        return {}

    def redis(self, name: str) -> str:
        url = self(name)
        if url and (problem := redis_check.problem(url)):
            self.errors.append(f"{name} {problem}")
            return ""
        return url

    def email(self, name: str) -> dict[str, Any]:
        """Django's EMAIL_… settings. Without a URL no email is sent."""
        try:
            return Env.email_url_config(self(name) or "dummymail://")
        except (ImproperlyConfigured, ValueError):
            self.errors.append(f"{name} has to look like smtp+tls://user:password@host:587.")
            return Env.email_url_config("dummymail://")

    def folder(self, name: str, default: Path) -> Path:
        """A writable folder, which is created if it does not exist."""
        folder = Path(self(name) or default)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=folder):
                return folder
        except OSError as error:
            self.errors.append(
                f"{folder} cannot be written ({error.strerror}). Set {name} to a folder that can."
            )
            return Path(tempfile.gettempdir())

    def secret_key(self, name: str, folder: Path | None) -> str:
        """The given key, or one that is generated on the first start and stored in `folder`."""
        if key := self(name):
            return key
        if folder is None:
            self.errors.append(f"{name} is not set. Set it to 50 random characters.")
        elif not self.errors:
            return stored(folder / "secret_key", get_random_secret_key)
        return get_random_secret_key()

    def vapid_key(self, name: str, folder: Path | None) -> str:
        """The given private key, or one that is generated on the first start and stored in `folder`."""
        key = self(name)
        if not key and folder:
            return stored(folder / "vapid_key", new_vapid_key) if not self.errors else ""
        if is_vapid_key(key):
            return key
        self.errors.append(f"{name} has to be a private key of P-256 in URL-safe base64.")
        return ""

    def _read(self, name: str, default: T, parse: Callable[[str], T], expected: str) -> T:
        text = self(name)
        if not text:
            return default
        try:
            return parse(text)
        except (ValueError, KeyError):
            self.errors.append(f"{name} is {text!r}. It has to be {expected}.")
            return default


def _on_or_off(text: str) -> bool:
    return {**dict.fromkeys(ON, True), **dict.fromkeys(OFF, False)}[text.lower()]


def _above_zero(number: Callable[[str], T]) -> Callable[[str], T]:
    def parse(text: str) -> T:
        value = number(text)
        if not 0 < value < float("inf"):  # type: ignore[operator]
            raise ValueError
        return value

    return parse
