"""The noisy-neighbour test reports each kind of violation, and a real one, for the right reason."""

import copy
import json
import subprocess
import sys
import time

import pytest

from tests.wire import Person

from . import bystanders, run
from .environment import Environment, Memory, count_connections
from .judge import Figures, Limits, Window, judge

pytestmark = pytest.mark.once

SHORT = run.Times(before=1.0, during=2.0, rest=1.0, after=1.0)
PAUSE = 1.5  # seconds for which the server is stopped
ALLOCATE_AND_FREE = (
    "x = bytearray(100 * 1024 * 1024); print(flush=True); input(); del x; print(flush=True); input()"
)


def correct_run() -> Figures:
    quiet = Window(delays=[0.01] * 200, pages=[0.05] * 10, statuses={"200": 10})
    return Figures(
        "pings", quiet, copy.deepcopy(quiet), copy.deepcopy(quiet), (100, 110, 105), counters={"pings": 9}
    )


def deliver_five_late(figures):
    figures.during.delays[:5] = [0.6] * 5


def deliver_one_very_late(figures):
    figures.during.delays[0] = 1.2


def lose_a_message(figures):
    figures.during.missing = 1


def answer_slowly(figures):
    figures.during.pages[0] = 3.0


def answer_503(figures):
    figures.during.statuses = {"200": 9, "503": 1}


def limit_a_bystander(figures):
    figures.during.statuses = {"200": 9, "429": 1}


def leave_a_page_unanswered(figures):
    figures.during.statuses = {"200": 9, "none": 1}


def leave_a_page_loading(figures):
    figures.after.loading = 1


def close_a_socket(figures):
    figures.during.problems = {"closed with 4408": 1}


def answer_503_afterwards(figures):
    figures.after.statuses = {"200": 9, "503": 1}


def stay_slow(figures):
    figures.after.delays = [0.4] * 200


def grow(figures):
    figures.memory = (100, 170, 105)


def send_mails(figures):
    figures.mails = 500


def make_rooms(figures):
    figures.rooms = 900


def log_a_traceback(figures):
    figures.complaints = ["Traceback (most recent call last): …"]


def end_the_server(figures):
    figures.alive = False


def exit_slowly(figures):
    figures.exit = 12.0


def do_nothing(figures):
    figures.counters = {}


def measure_nothing(figures):
    figures.during.delays = []


VIOLATIONS = {
    deliver_five_late: "p99 from send to delivery 600 ms",
    deliver_one_very_late: "slowest from send to delivery 1200 ms",
    lose_a_message: "1 of 200 deliveries did not happen",
    answer_slowly: "slowest page 3000 ms",
    answer_503: "1 pages with 503 during",
    limit_a_bystander: "1 pages with 429 during",
    leave_a_page_unanswered: "1 pages with none during",
    leave_a_page_loading: "1 pages were never complete",
    close_a_socket: "closed with 4408 (1 times during",
    answer_503_afterwards: "1 pages with 503 after",
    stay_slow: "p99 after the attack 400 ms",
    grow: "70 MB more",
    send_mails: "500 mails",
    make_rooms: "900 new rooms",
    log_a_traceback: "in the log: Traceback",
    end_the_server: "the server process exited",
    exit_slowly: "the process took 12 s to exit",
    do_nothing: "the attacker did nothing",
    measure_nothing: "proves nothing",
}


def test_a_correct_run_passes():
    assert judge(correct_run(), Limits()) == []


@pytest.mark.parametrize("violate", VIOLATIONS, ids=lambda violate: violate.__name__)
def test_the_judge_reports_a_violation(violate):
    figures = correct_run()
    violate(figures)
    violations = judge(figures, Limits())
    assert [VIOLATIONS[violate] in line for line in violations] == [True]


def test_a_server_that_stops_for_a_moment_fails_the_test_and_a_working_one_passes(stack, monkeypatch):
    """The complete test with a known fault in place of an attack."""
    with Environment(stack) as environment:

        def attack_without_effect(*_):
            started = time.monotonic()
            time.sleep(SHORT.during)
            return {"started": started, "ended": time.monotonic(), "counters": {"nothing": 1}}

        def attack_with_effect(*_):
            started = time.monotonic()
            time.sleep(0.2)
            environment.web.pause()
            time.sleep(PAUSE)
            environment.web.resume()
            with environment.web.log.open("a") as log:
                log.write("Traceback (most recent call last):\n")
            (environment.mails / "one").write_text("Message-ID: x\n" * 50)
            return {"started": started, "ended": time.monotonic(), "counters": {"pause": 1}}

        monkeypatch.setattr(environment, "attack", attack_without_effect)
        limits = Limits(p99=0.9, slowest=PAUSE * 0.9, after=0.9)  # other tests use the same processors
        assert judge(run.run_attack(environment, "pings", SHORT), limits) == []
        monkeypatch.setattr(environment, "attack", attack_with_effect)
        figures = run.run_attack(environment, "pings", SHORT)
        found = "\n".join(judge(figures, limits))
        assert "p99 from send to delivery" in found
        assert PAUSE * 0.5 < figures.during.percentile(1) < PAUSE * 3
        assert "in the log: Traceback" in found
        assert "50 mails" in found


def test_the_peak_includes_memory_that_was_freed_again():
    with subprocess.Popen(
        [sys.executable, "-c", ALLOCATE_AND_FREE], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin and process.stdout
        process.stdout.readline()
        memory = Memory(process.pid)
        process.stdin.write("\n")
        process.stdin.flush()
        process.stdout.readline()
        assert memory.peak > 100 > memory.now() + 20
        process.kill()


async def test_the_server_sees_different_ip_addresses_for_bystanders_and_attacker(site, alice, kitchen):
    """With a limit of one socket for each IP address, both can connect."""
    from tests.wire import signed_in

    server = site.start(OBROLAN_SOCKETS_PER_ADDRESS="1")
    person: Person = signed_in(server, alice)
    async with person.open("kitchen", local_addr=("127.0.1.1", 0)) as attacker:
        await attacker.hello()
        async with person.open("kitchen", local_addr=(bystanders.IP, 0)) as bystander:
            await bystander.hello()
            assert await attacker.ping()
            assert (
                count_connections(server.port, bystanders.IP)
                == count_connections(server.port, "127.0.1.1")
                == 1
            )


def test_the_list_of_attacks_is_complete():
    listed = subprocess.run(
        [sys.executable, "-m", "tests.hostile", "--list"], capture_output=True, text=True, check=True
    ).stdout
    from .attacks import ATTACKS

    assert len(ATTACKS) == len(listed.splitlines()) == 15
    assert json.dumps(list(ATTACKS))
