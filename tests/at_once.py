"""Call a function many times at the same moment: in threads of several processes, on a site's database.

    at_once(site, decide, [(case.pk, bob.pk), (case.pk, mara.pk)])   # → ["done", "case_closed"]

The function is at the top of a test module, and its arguments can be encoded as JSON.
"""

import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from threading import Barrier, Thread
from typing import Any

from tests.web import ROOT, Site

PROCESSES = 2
SETTINGS = {"DJANGO_SETTINGS_MODULE": "chatproject.settings"}
WITHIN = 60  # seconds


def at_once(site: Site, function: Callable, calls: Sequence[Sequence[Any]]) -> list[Any]:
    """The result of each call; for a Refusal, its code. Calls are dealt out to the processes in turn."""
    name = f"{function.__module__}:{function.__name__}"
    command = [sys.executable, "-m", "tests.at_once", name]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    children = [
        subprocess.Popen(command, cwd=ROOT, env={**site.env, **SETTINGS}, **pipes) for _ in range(PROCESSES)
    ]
    try:
        for child in children:
            assert child.stdout.readline() == "ready\n"
        shares = [calls[number::PROCESSES] for number in range(PROCESSES)]
        for child, share in zip(children, shares, strict=True):
            child.stdin.write(json.dumps(share) + "\n")
            child.stdin.flush()
        answers = [json.loads(child.communicate(timeout=WITHIN)[0]) for child in children]
    finally:
        for child in children:
            child.kill()
            child.wait()
    return [answers[number % PROCESSES][number // PROCESSES] for number in range(len(calls))]


def _serve(name: str) -> None:
    """Run one share of the calls, each in a thread of its own."""
    import django

    django.setup()
    module, _, function = name.partition(":")
    call = getattr(import_module(module), function)
    print("ready", flush=True)
    calls = json.loads(sys.stdin.readline())
    results: list[Any] = [None] * len(calls)
    barrier = Barrier(len(calls) or 1)
    threads = [
        Thread(target=_run, args=(call, calls, results, number, barrier)) for number in range(len(calls))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(json.dumps(results))


def _run(call: Callable, calls: list, results: list, number: int, barrier: Barrier) -> None:
    from django.db import connections

    from chat.refusals import Refusal

    barrier.wait()
    try:
        results[number] = call(*calls[number])
    except Refusal as refusal:
        results[number] = refusal.code
    except Exception as error:
        results[number] = repr(error)
    finally:
        connections.close_all()


if __name__ == "__main__":
    _serve(sys.argv[1])
