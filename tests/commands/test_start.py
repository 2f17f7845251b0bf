"""`make run`, which is `manage.py start` with plain HTTP."""

import re
import resource
import signal
import socket
import subprocess
import sys

import httpx
import pytest

from chat.models import User
from tests.web import ROOT

pytestmark = pytest.mark.once

START = [sys.executable, "manage.py", "start", "--port", "{port}"]
SECOND_START = 3  # seconds of CPU time, which does not depend on the load of the machine
LINK = "/accounts/first/"


def test_the_first_administrator_link_is_printed_until_an_administrator_exists(site):
    process = site.start(START)
    assert process.log.read_text().count(LINK) == 1

    User.objects.create_superuser("root", name="Root")
    process.restart()
    assert process.log.read_text().count(LINK) == 1


def test_a_second_start_is_fast(site):
    process = site.start(START)
    process.stop()
    before = children_cpu_seconds()
    process.start()
    assert process.stop() == 0
    assert children_cpu_seconds() - before < SECOND_START


def test_static_files_are_compressed_and_cached_for_ever(site):
    server = site.start(START)
    files = re.findall(r'(?:href|src)="(/static/[^"]+\.(?:css|js))"', httpx.get(f"{server.url}/").text)
    assert files
    for file in files:
        headers = httpx.get(server.url + file).headers
        assert headers["content-encoding"] == "gzip" and "immutable" in headers["cache-control"], file


def test_static_files_are_collected_again_when_one_has_changed(site, tmp_path):
    collected = tmp_path / "collected"
    collected.mkdir()
    (collected / "mine.txt").touch()  # other files in that folder stay
    server = site.start(START, STATIC_ROOT=str(collected))
    manifest = collected / "staticfiles.json"
    first = manifest.stat().st_mtime_ns
    server.restart()
    assert manifest.stat().st_mtime_ns == first
    (collected / "fingerprint").write_text("of other files")
    server.restart()
    assert manifest.stat().st_mtime_ns > first
    assert (collected / "mine.txt").exists()


def test_ctrl_c_stops_the_server_without_a_traceback(site):
    process = site.start(START)
    assert process.stop(signal.SIGINT) == 0
    assert "Traceback" not in process.log.read_text()
    assert "KeyboardInterrupt" not in process.log.read_text()


def test_a_port_in_use_is_reported_in_one_line_that_says_what_to_do(site):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        command = [part.format(port=port) for part in START]
        done = subprocess.run(command, cwd=ROOT, env=site.env, capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    assert f"make run PORT={port + 1}" in done.stderr


def children_cpu_seconds() -> float:
    """CPU time of all child processes that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
