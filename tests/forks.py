"""Web processes for the tests without the cost of starting Python: 0.2 s of CPU time instead of 0.5 s.

forks = ForkServer()                  # ForkServer(env) has loaded Obrolan with this environment: 0.05 s
process = forks.start(["manage.py", "serve"], env, log)     # like subprocess.Popen
forks.close()
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import struct
import subprocess
import sys
import threading
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OF_THE_SITE = {"DATABASE_URL", "OBROLAN_DATA"}  # variables that say nothing but where the data is
NUMBER = struct.Struct("i")  # a pid or an exit status on a socket


class ForkServer:
    """Starts the fork server with the first process, and ends it with `close` or when this process ends."""

    def __init__(self, env: dict[str, str] | None = None) -> None:
        self.env = env
        self.process: subprocess.Popen[bytes] | None = None
        self.lock = threading.Lock()  # tests start web processes in threads too

    def suits(self, env: dict[str, str]) -> bool:
        """Whether a process with this environment may have what this fork server has loaded."""
        return self.env is None or all(
            self.env.get(name) == env.get(name) for name in {*self.env, *env} - OF_THE_SITE
        )

    def start(self, argv: list[str], env: dict[str, str], log: Path) -> ForkedProcess:
        """Run `python *argv` in the project's directory and a new session; its output goes to the log."""
        request = json.dumps({"argv": argv, "env": env, "log": str(log)}) + "\n"
        status, theirs = socket.socketpair()
        with theirs, self.lock:
            if self.process is None:
                self.launch()
            socket.send_fds(self.requests, [request.encode()], [theirs.fileno()])
            theirs.close()
            return ForkedProcess(argv, status)

    def launch(self) -> None:
        self.requests, theirs = socket.socketpair()
        prepared = [json.dumps(self.env)] if self.env else []
        with theirs:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.fork_server", str(theirs.fileno()), *prepared],
                cwd=ROOT,
                env=os.environ | {"PYTHONUNBUFFERED": "1"},
                stdin=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )

    def close(self) -> None:
        """End the fork server. Web processes that run go on."""
        if self.process:
            self.requests.close()
            self.process.wait()
            self.process = None


class ForkedProcess:
    """A child of the fork server, with methods of `subprocess.Popen`."""

    def __init__(self, argv: list[str], status: socket.socket) -> None:
        self.args = argv
        self.status = status
        self.returncode: int | None = None
        self.lock = threading.Lock()  # one thread may wait while another polls
        self.pid = self.receive()

    def receive(self) -> int:
        """The next number from the fork server: first the pid, then the exit status."""
        data = self.status.recv(NUMBER.size)
        if not data:
            raise RuntimeError("the fork server has ended")
        return NUMBER.unpack(data)[0]

    def poll(self) -> int | None:
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.wait(0)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """The exit status, or -N after signal N. Raises subprocess.TimeoutExpired after `timeout` seconds."""
        ended = select.poll()  # one for each thread; `select.select` takes only files below 1,024
        ended.register(self.status, select.POLLIN)
        if not ended.poll(None if timeout is None else timeout * 1_000):
            raise subprocess.TimeoutExpired(self.args, timeout or 0)
        with self.lock:
            if self.returncode is None:
                self.returncode = self.receive()
        return self.returncode

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)
