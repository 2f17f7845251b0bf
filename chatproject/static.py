"""Static files: compressed, and named with a hash of their contents, so that browsers keep them for ever."""

import hashlib
from contextlib import suppress
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from servestatic.storage import CompressedManifestStaticFilesStorage


class HashedStaticFiles(CompressedManifestStaticFilesStorage):
    support_js_module_import_aggregation = True  # imports between ES modules get the hash too


def collect_if_changed() -> None:
    """`collectstatic` when any static file differs from the last time. Looking takes some 10 ms."""
    noted = Path(settings.STATIC_ROOT) / "fingerprint"
    now = fingerprint()
    with suppress(OSError):
        if noted.read_text() == now:
            return
    # Without `clear`: STATIC_ROOT may name a folder with other files in it.
    call_command("collectstatic", interactive=False, verbosity=0)
    noted.write_text(now)  # last: what was interrupted is done again


def fingerprint() -> str:
    """A digest of the path, size and modification time of every static file."""
    found = []
    for finder in get_finders():
        for name, storage in finder.list([]):
            path = Path(storage.path(name))
            state = path.stat()
            found.append((str(path), state.st_size, state.st_mtime_ns))
    return hashlib.sha256(repr(sorted(found)).encode()).hexdigest()
