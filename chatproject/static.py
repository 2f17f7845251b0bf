"""Static files: compressed, and named with a hash of their contents, so browsers may cache them for ever.

The chat's JavaScript is also minified, and its style sheets are joined.
"""

import hashlib
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.files.base import ContentFile
from django.core.files.storage import Storage
from django.core.management import call_command
from servestatic.storage import CompressedManifestStaticFilesStorage

IMPORT = re.compile(r'^@import "([\w.]+)";$', re.M)


class HashedStaticFiles(CompressedManifestStaticFilesStorage):
    support_js_module_import_aggregation = True  # also rewrites the imports of ES modules
    max_post_process_passes = 15  # a longer chain of imports needs more; the default is 5

    def post_process(self, paths: dict[str, Any], *args: Any, **kwargs: Any) -> Iterator[Any]:
        """`paths` has the storage and the path of each source file, by name."""
        sources = {name: (source_of(name, storage), path) for name, (storage, path) in paths.items()}
        yield from super().post_process(sources, *args, **kwargs)


def source_of(name: str, storage: Storage) -> Any:
    path = PurePosixPath(name)
    if path.match("chat/js/*.js"):
        return Converted(storage, minified)
    return Converted(storage, joined) if path.match("chat/css/*.css") else storage


class Converted:
    """A storage that reads its files with a function."""

    def __init__(self, storage: Storage, convert: Callable[[Storage, str], str]) -> None:
        self.storage = storage
        self.convert = convert

    def open(self, path: str) -> ContentFile:
        return ContentFile(self.convert(self.storage, path).encode())


def minified(storage: Storage, path: str) -> str:
    """JavaScript without comments and spaces, and with short local names.

    On Apple silicon, for which the minifier has no wheel, it stays as it is.
    """
    source = text_of(storage, path)
    with suppress(ImportError):
        import minify  # only here: it starts threads of its own

        return str(minify.string("application/javascript", source))
    return source


def joined(storage: Storage, path: str) -> str:
    """A style sheet with the files of its folder that it imports in place of the imports."""
    folder = PurePosixPath(path).parent
    return IMPORT.sub(lambda found: text_of(storage, str(folder / found[1])), text_of(storage, path))


def text_of(storage: Storage, path: str) -> str:
    with storage.open(path) as source:
        return source.read().decode()


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
