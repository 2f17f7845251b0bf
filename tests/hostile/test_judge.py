"""The noisy-neighbour test convicts, and for the right reason: a test that cannot fail proves nothing."""

import copy
import json
import subprocess
import sys
import time

import pytest

from tests.wire import Person

from . import bystanders, run
from .hall import Hall, Memory, peers
from .judge import Figures, Limits, Window, judge

SHORT = run.Times(before=1.0, during=2.0, rest=1.0, after=1.0)
STOPPED = 1.5  # seconds for which the server is stopped
HOG = "x = bytearray(100 * 1024 * 1024); print(flush=True); input(); del x; print(flush=True); input()"


def sound() -> Figures:
    quiet = Window(delays=[0.01] * 200, pages=[0.05] * 10, statuses={"200": 10})
    return Figures(
        "pings", quiet, copy.deepcopy(quiet), copy.deepcopy(quiet), (100, 110, 105), tally={"pings": 9}
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
    figures.during.troubles = {"closed with 4408": 1}


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


def end_slowly(figures):
    figures.end = 12.0


def attack_nobody(figures):
    figures.tally = {}


def measure_nothing(figures):
    figures.during.delays = []


HARMS = {
    deliver_five_late: "p99 from send to screen 600 ms",
    deliver_one_very_late: "slowest from send to screen 1200 ms",
    lose_a_message: "1 of 200 deliveries did not happen",
    answer_slowly: "slowest page 3000 ms",
    answer_503: "1 pages with 503 during",
    limit_a_bystander: "1 pages with 429 during",
    leave_a_page_unanswered: "1 pages with none during",
    leave_a_page_loading: "1 pages were never complete",
    close_a_socket: "closed with 4408 (1 times during",
    answer_503_afterwards: "1 pages with 503 after",
    stay_slow: "afterwards still p99 400 ms",
    grow: "70 MB more",
    send_mails: "500 mails",
    make_rooms: "900 new rooms",
    log_a_traceback: "in the log: Traceback",
    end_the_server: "the server process ended",
    end_slowly: "the process took 12 s to end",
    attack_nobody: "the attacker did nothing",
    measure_nothing: "proves nothing",
}


def test_a_sound_run_is_acquitted():
    assert judge(sound(), Limits()) == []


@pytest.mark.parametrize("harm", HARMS, ids=lambda harm: harm.__name__)
def test_the_judge_notices(harm):
    figures = sound()
    harm(figures)
    violations = judge(figures, Limits())
    assert [HARMS[harm] in violation for violation in violations] == [True]


def test_a_server_that_stops_for_a_moment_is_measured_and_convicted(stack, monkeypatch):
    """The whole apparatus with a known harm in place of an attack; and a sound run before it."""
    with Hall(stack) as hall:

        def do_no_harm(*_):
            began = time.monotonic()
            time.sleep(SHORT.during)
            return {"began": began, "ended": time.monotonic(), "tally": {"nothing": 1}}

        def do_harm(*_):
            began = time.monotonic()
            time.sleep(0.2)
            hall.web.pause()
            time.sleep(STOPPED)
            hall.web.resume()
            with hall.web.log.open("a") as log:
                log.write("Traceback (most recent call last):\n")
            (hall.mails / "one").write_text("Message-ID: x\n" * 50)
            return {"began": began, "ended": time.monotonic(), "tally": {"harm": 1}}

        monkeypatch.setattr(hall, "attack", do_no_harm)
        wide = Limits(p99=0.9, slowest=STOPPED * 0.9, after=0.9)  # other tests share the processors
        assert judge(run.one(hall, "pings", SHORT), wide) == []
        monkeypatch.setattr(hall, "attack", do_harm)
        figures = run.one(hall, "pings", SHORT)
        found = "\n".join(judge(figures, wide))
        assert "p99 from send to screen" in found
        assert STOPPED * 0.5 < figures.during.part(1) < STOPPED * 3
        assert "in the log: Traceback" in found
        assert "50 mails" in found


def test_memory_that_was_given_back_is_in_the_peak():
    with subprocess.Popen(
        [sys.executable, "-c", HOG], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as hog:
        assert hog.stdin and hog.stdout
        hog.stdout.readline()
        memory = Memory(hog.pid)
        hog.stdin.write("\n")
        hog.stdin.flush()
        hog.stdout.readline()
        assert memory.at_most > 100 > memory.now() + 20
        hog.kill()


async def test_the_server_sees_the_bystanders_at_another_address_than_the_attacker(site, alice, kitchen):
    """Where one socket for each address is allowed, there is one for each of the two."""
    from tests.wire import signed_in

    server = site.start(OBROLAN_SOCKETS_PER_ADDRESS="1")
    person: Person = signed_in(server, alice)
    async with person.open("kitchen", local_addr=("127.0.1.1", 0)) as attacker:
        await attacker.hello()
        async with person.open("kitchen", local_addr=(bystanders.ADDRESS, 0)) as bystander:
            await bystander.hello()
            assert await attacker.ping()
            assert peers(server.port, bystanders.ADDRESS) == peers(server.port, "127.0.1.1") == 1


def test_every_attack_is_of_one_module_and_has_words():
    listed = subprocess.run(
        [sys.executable, "-m", "tests.hostile", "--list"], capture_output=True, text=True, check=True
    ).stdout
    from .attacks import ATTACKS

    assert len(ATTACKS) == len(listed.splitlines()) == 14
    assert json.dumps(list(ATTACKS))
