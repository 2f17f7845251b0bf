"""`manage.py serve`: one web process."""

import resource

import httpx

from chat.management.commands.serve import OPEN_FILES, raise_file_limit
from tests.web import SERVE


def test_the_limit_of_open_files_is_raised():
    before = soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = OPEN_FILES if hard == resource.RLIM_INFINITY else min(hard, OPEN_FILES)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(soft, 512), hard))
        raise_file_limit()
        assert resource.getrlimit(resource.RLIMIT_NOFILE) == (most, hard)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


def test_the_command_serves_pages_until_sigterm(site):
    """Other tests get their web processes from the fork server, which runs the same command."""
    process = site.start(SERVE)
    assert httpx.get(process.url).status_code == 200
    assert process.terminate() == 0
