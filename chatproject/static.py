"""Static files: compressed, and named with a hash of their contents, so browsers may cache them for ever.

The chat's JavaScript is also minified.
"""

import hashlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.files.base import ContentFile
from django.core.files.storage import Storage
from django.core.management import call_command
from rjsmin import jsmin
from servestatic.storage import CompressedManifestStaticFilesStorage


class HashedStaticFiles(CompressedManifestStaticFilesStorage):
    support_js_module_import_aggregation = True  # also rewrites the imports of ES modules
    max_post_process_passes = 15  # a longer chain of imports needs more; the default is 5

    def post_process(self, paths: dict[str, Any], *args: Any, **kwargs: Any) -> Iterator[Any]:
        """`paths` has the storage and the path of each source file, by name."""
        sources = {
            name: (Minified(storage) if is_minified(name) else storage, path)
            for name, (storage, path) in paths.items()
        }
        yield from super().post_process(sources, *args, **kwargs)


def is_minified(name: str) -> bool:
    return name.startswith("chat/js/") and name.endswith(".js")


class Minified:
    """A storage that reads JavaScript without comments and indentation. The names in it stay."""

    def __init__(self, storage: Storage) -> None:
        self.storage = storage

    def open(self, path: str) -> ContentFile:
        with self.storage.open(path) as source:
            return ContentFile(jsmin(source.read().decode()).encode())


def collect_if_changed() -> None:
    """Run `collectstatic` if a static file has changed since the last run. The check takes about 10 ms."""
    stored = Path(settings.STATIC_ROOT) / "fingerprint"
    current = fingerprint()
    with suppress(OSError):
        if stored.read_text() == current:
            return
    # Without `clear`: STATIC_ROOT may be a folder with other files.
    call_command("collectstatic", interactive=False, verbosity=0)
    stored.write_text(current)  # last: an interrupted run is repeated


def fingerprint() -> str:
    """A digest of the path, size and modification time of every static file."""
    found = []
    for finder in get_finders():
        for name, storage in finder.list([]):
            path = Path(storage.path(name))
            state = path.stat()
            found.append((str(path), state.st_size, state.st_mtime_ns))
    return hashlib.sha256(repr(sorted(found)).encode()).hexdigest()
