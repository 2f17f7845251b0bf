"""A child of the fork server behaves like a new Python."""

import json
import os
import signal
import subprocess
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.forks import ForkServer

pytestmark = pytest.mark.once


@pytest.fixture(scope="module")
def forks():
    forks = ForkServer()
    yield forks
    forks.close()


@pytest.fixture
def run(forks, tmp_path):
    """Run a script with the environment NAME=<name>."""

    def run(source: str, name: str = "one"):
        script, log = tmp_path / "script.py", tmp_path / f"{name}.log"
        script.write_text(source)
        return forks.start([str(script), name], {"NAME": name}, log), log

    return run


DESCRIBE = """
import json, os, random, sys, threading
name, threads = __name__, threading.active_count()
files = len(os.listdir("/proc/self/fd")) if os.path.exists("/proc/self/fd") else 0
print(json.dumps([name, sys.argv[1:], dict(os.environ), os.getsid(0) == os.getpid(), threads, files]))
print(random.random())
"""


def test_two_processes_share_neither_environment_nor_random_numbers_nor_files(run):
    logs = []
    for name in ("one", "two"):
        process, log = run(DESCRIBE, name)
        assert process.wait(10) == 0
        state, number = log.read_text().splitlines()
        main, argv, env, leads, threads, files = json.loads(state)
        assert (main, argv, env, leads, threads) == ("__main__", [name], {"NAME": name}, True, 1)
        logs.append((files, number))
    assert logs[0][0] == logs[1][0] and logs[0][1] != logs[1][1]


@pytest.mark.parametrize(
    ("source", "status"),
    [
        ("pass", 0),
        ("raise SystemExit(3)", 3),
        ("raise ValueError('oops')", 1),
        ("import os; os._exit(4)", 4),
        ("import os, signal; os.kill(os.getpid(), signal.SIGTERM)", -signal.SIGTERM),
    ],
)
def test_the_exit_status_is_that_of_the_process(run, source, status):
    process, log = run(source)
    assert process.wait(10) == status == process.poll() == process.returncode
    assert ("ValueError: oops" in log.read_text()) == ("oops" in source)


def test_threads_may_wait_and_poll_at_the_same_time(run):
    process, _ = run("import time; time.sleep(60)")
    with ThreadPoolExecutor(4) as pool:
        waiting = [pool.submit(process.wait, 10) for _ in range(4)]
        assert process.poll() is None
        process.kill()
        assert {each.result() for each in waiting} == {-signal.SIGKILL}


def test_a_process_that_runs_can_be_stopped_and_killed(run):
    process, _ = run("import time; time.sleep(60)")
    assert process.poll() is None
    process.send_signal(signal.SIGSTOP)
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(0.05)
    process.kill()
    assert process.wait(10) == -signal.SIGKILL
    process.kill()  # does nothing
    with pytest.raises(ProcessLookupError):
        os.kill(process.pid, 0)


def test_processes_outlive_the_fork_server(tmp_path):
    forks = ForkServer()
    script = tmp_path / "script.py"
    script.write_text("import time; time.sleep(60)")
    process = forks.start([str(script)], {}, tmp_path / "log")
    forks.close()
    os.kill(process.pid, signal.SIGKILL)
    with pytest.raises(RuntimeError, match="fork server has ended"):
        process.wait(10)


SETTINGS = """
from django.conf import settings
from django.db import connection
from chat.models import Room
print(settings.DATABASES["default"]["NAME"], connection.settings_dict["NAME"], settings.OBROLAN_DATA)
"""


def test_a_prepared_process_has_the_database_of_its_own_environment(tmp_path):
    base = {"SECRET_KEY": "x1" * 30, "OBROLAN_PLAIN_HTTP": "on"}
    forks, script, log = (
        ForkServer(base | {"OBROLAN_DATA": "/none"}),
        tmp_path / "script.py",
        tmp_path / "log",
    )
    script.write_text(SETTINGS)
    own = base | {"OBROLAN_DATA": str(tmp_path)}
    assert forks.suits(own) and not forks.suits(own | {"OBROLAN_POST_RATE": "1"}) and not forks.suits({})
    try:
        assert forks.start([str(script)], own, log).wait(10) == 0
    finally:
        forks.close()
    database = tmp_path / "obrolan.sqlite3"
    assert log.read_text().split() == [str(database), str(database), str(tmp_path)]
