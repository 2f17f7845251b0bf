"""The judge acquits a sound run and names each kind of harm: a run that cannot fail proves nothing."""

import copy
from math import inf
from uuid import UUID

import pytest

from .judge import judge, whole_after
from .ledger import Books, Noted, Row
from .timeline import LATE, SHOWN, TURNED

ALICE, BOB, KITCHEN = 1, 2, 7


def key(number: int) -> str:
    return str(UUID(int=number))


def sound_run() -> tuple[Books, list[dict]]:
    """Alice says two things, Bob one; Alice edits her first, and Bob missed that until he came back."""
    noted = [
        Noted(KITCHEN, 1, 1, ALICE, key(1)),
        Noted(KITCHEN, 2, 2, BOB, key(2)),
        Noted(KITCHEN, 3, 3, ALICE, key(3)),
        Noted(KITCHEN, 1, 4, ALICE, key(1)),
        Noted(KITCHEN, 1, 5, ALICE, key(1)),
    ]
    rows = [
        Row(KITCHEN, 1, 5, ALICE, key(1), "edited twice", False, {"👍": [BOB]}),
        Row(KITCHEN, 2, 2, BOB, key(2), "hello", False, {}),
        Row(KITCHEN, 3, 3, ALICE, key(3), "gone", True, {"👍": [BOB]}),
    ]
    edit = {"type": "edit", "id": key(9), "seq": 1, "at": 4.0}
    alice = diary(
        "alice",
        ALICE,
        sent={key(1): post(1, 1.0), key(3): post(3, 3.0), key(9): edit},
        acked=[[1.1, key(1), 1, 1], [3.1, key(3), 3, 3], [4.1, key(9), 1, 4]],
        applied=[[float(n), note.seq, note.rev, SHOWN] for n, note in enumerate(noted)],
        rows=rows,
    )
    bob = diary(
        "bob",
        BOB,
        sent={key(2): post(2, 2.0)},
        acked=[[2.1, key(2), 2, 2]],
        applied=[[1.0, 1, 1, SHOWN], [2.0, 2, 2, SHOWN], [3.0, 3, 3, SHOWN], [5.0, 1, 5, SHOWN]],
        rows=rows,
    )
    return Books({KITCHEN: 5}, rows, noted), [alice, bob]


def post(number: int, at: float) -> dict:
    return {"type": "post", "id": key(number), "text": "words", "at": at}


def diary(name: str, user: int, *, sent, acked, applied, rows) -> dict:
    return {
        "card": {"name": name, "user": user, "room": KITCHEN, "posts_only": False},
        "sent": sent,
        "acked": acked,
        "applied": applied,
        "refused": [],
        "wrong": [],
        "outbox": [],
        "floor": 1,
        "listed": [list(row.shown()) for row in rows],
    }


def lose_an_acknowledged_row(books, alice, bob):
    del books.rows[1]


def store_a_post_twice(books, alice, bob):
    books.rows.append(Row(KITCHEN, 6, 6, BOB, key(2), "hello", False, {}))


def acknowledge_another_number(books, alice, bob):
    bob["acked"][0][2] = 3


def acknowledge_before_commit(books, alice, bob):
    bob["acked"][0][3] = 17


def burn_a_number(books, alice, bob):
    books.heads[KITCHEN] = 6


def use_a_number_twice(books, alice, bob):
    books.noted[2] = Noted(KITCHEN, 3, 2, ALICE, key(3))


def invent_a_message(books, alice, bob):
    del bob["sent"][key(2)], bob["acked"][0]


def swap_two_lines(books, alice, bob):
    bob["listed"].reverse()


def miss_an_edit(books, alice, bob):
    bob["listed"][0][1:3] = 4, "edited once"


def miss_a_deletion(books, alice, bob):
    bob["listed"][2][2:] = "gone", False, {"👍": [BOB]}


def pass_over_a_change(books, alice, bob):
    del bob["applied"][2]


def apply_a_change_late(books, alice, bob):
    bob["applied"].append([6.0, 3, 3, LATE])


def forget_a_post(books, alice, bob):
    bob["sent"][key(4)] = post(4, 5.0)


def refuse_a_good_post(books, alice, bob):
    bob["sent"][key(4)] = post(4, 5.0)
    bob["refused"].append(["post", key(4), "empty", False])


def overtake_oneself(books, alice, bob):
    alice["sent"] = {key(3): post(3, 1.0), **alice["sent"]}


def leave_a_send_unanswered(books, alice, bob):
    alice["wrong"].append([7.0, "no answer for 10.2 s on an open socket"])


HARMS = {
    lose_an_acknowledged_row: "is stored as []",
    store_a_post_twice: "is stored as [2, 6]",
    acknowledge_another_number: "was acknowledged as 3",
    acknowledge_before_commit: "was never committed",
    burn_a_number: "head 6, but 5 changes",
    use_a_number_twice: "doubled [2]",
    invent_a_message: "was sent by nobody",
    swap_two_lines: "shows 3 of 3 messages",
    miss_an_edit: "missing [(1, 5, 'edited twice'",
    miss_a_deletion: "missing [(3, 3, '', True",
    pass_over_a_change: "never saw the changes [3]",
    apply_a_change_late: "change 3 of 3 came after change 5",
    forget_a_post: "was lost without an answer",
    refuse_a_good_post: "was refused: empty",
    overtake_oneself: "overtaken by a later one",
    leave_a_send_unanswered: "no answer for 10.2 s",
}


def test_a_sound_run_is_acquitted():
    assert judge(*sound_run()) == []


@pytest.mark.parametrize("harm", HARMS, ids=lambda harm: harm.__name__)
def test_the_judge_notices(harm):
    books, diaries = copy.deepcopy(sound_run())
    harm(books, *diaries)
    assert any(HARMS[harm] in line for line in judge(books, diaries))


def test_the_order_starts_afresh_where_the_page_was_turned():
    books, (alice, bob) = sound_run()
    bob["applied"] = [[1.0, 0, 3, TURNED], [5.0, 1, 5, SHOWN]]
    assert judge(books, [alice, bob]) == []


def test_a_screen_is_whole_when_it_shows_a_change_newer_than_the_end_of_the_fault():
    books, diaries = sound_run()  # Alice sees the third change at 2.0, Bob at 3.0
    assert whole_after({KITCHEN: 2}, 1.5, books, diaries) == [0.5, 1.5]
    assert whole_after({KITCHEN: 2}, 9.0, books, diaries) == [0.0, 0.0]
    assert whole_after({KITCHEN: 5}, 1.5, books, diaries) == [2.5, 3.5]  # nothing came after
    diaries[1]["applied"].pop()
    assert whole_after({KITCHEN: 4}, 1.5, books, diaries) == [2.5, inf]
