"""The judge passes a correct run and reports each kind of violation, so a passing run means something."""

import copy
from dataclasses import replace
from math import inf
from uuid import UUID

import pytest

from .database import Change, DatabaseState, Row, SanctionRow
from .judge import judge, recovery_times
from .timeline import LATE, RESET, SHOWN

pytestmark = pytest.mark.once

ALICE, BOB, KITCHEN = 1, 2, 7


def key(number: int) -> str:
    return str(UUID(int=number))


def correct_run() -> tuple[DatabaseState, list[dict]]:
    """Alice posts twice, Bob answers. Alice edits her first post twice; Bob was away for the first edit. She
    deletes her second post, takes it back, and deletes it again.
    """
    changes = [
        Change(KITCHEN, 1, 1, ALICE, key(1)),
        Change(KITCHEN, 2, 2, BOB, key(2)),
        Change(KITCHEN, 3, 3, ALICE, key(3)),
        Change(KITCHEN, 1, 4, ALICE, key(1)),
        Change(KITCHEN, 1, 5, ALICE, key(1)),
        *(Change(KITCHEN, 3, rev, ALICE, key(3)) for rev in (6, 7, 8)),
    ]
    rows = [
        Row(KITCHEN, 1, 5, ALICE, key(1), "edited twice", False, {"👍": [BOB]}),
        Row(
            KITCHEN, 2, 2, BOB, key(2), "hello", False, {}, [1, ALICE, "edited twice", False], {"1": "alice"}
        ),
        Row(KITCHEN, 3, 8, ALICE, key(3), "gone", True, {"👍": [BOB]}),
    ]
    edit = {"type": "edit", "id": key(9), "seq": 1, "at": 4.0}
    undo = {
        key(20 + number): {"type": kind, "id": key(20 + number), "seq": 3, "at": 6.0 + number}
        for number, kind in enumerate(["delete", "restore", "delete"])
    }
    alice = client_log(
        "alice",
        ALICE,
        sent={key(1): post(1, 1.0), key(3): post(3, 3.0), key(9): edit, **undo},
        acked=[
            [1.1, key(1), 1, 1],
            [3.1, key(3), 3, 3],
            [4.1, key(9), 1, 4],
            *([6.1 + number, id, 3, 6 + number] for number, id in enumerate(undo)),
        ],
        applied=[[float(n), change.seq, change.rev, SHOWN] for n, change in enumerate(changes)],
        rows=rows,
    )
    bob = client_log(
        "bob",
        BOB,
        sent={key(2): post(2, 2.0)},
        acked=[[2.1, key(2), 2, 2]],
        applied=[
            *([1.0, 1, 1, SHOWN], [2.0, 2, 2, SHOWN], [3.0, 3, 3, SHOWN], [5.0, 1, 5, SHOWN]),
            [9.0, 3, 8, SHOWN],
        ],
        rows=rows,
    )
    return DatabaseState({KITCHEN: 8}, rows, changes), [alice, bob]


def post(number: int, at: float) -> dict:
    return {"type": "post", "id": key(number), "text": "words", "at": at}


def client_log(name: str, user: int, *, sent, acked, applied, rows) -> dict:
    return {
        "profile": {"name": name, "user": user, "room": KITCHEN, "posts_only": False},
        "sent": sent,
        "acked": acked,
        "applied": applied,
        "refused": [],
        "violations": [],
        "outbox": [],
        "floor": 1,
        "listed": [list(row.shown()) for row in rows],
    }


def lose_an_acknowledged_message(state, alice, bob):
    del state.rows[1]


def store_a_post_twice(state, alice, bob):
    state.rows.append(Row(KITCHEN, 6, 6, BOB, key(2), "hello", False, {}))


def acknowledge_another_number(state, alice, bob):
    bob["acked"][0][2] = 3


def acknowledge_before_commit(state, alice, bob):
    bob["acked"][0][3] = 17


def skip_a_number(state, alice, bob):
    state.heads[KITCHEN] = 9


def use_a_number_twice(state, alice, bob):
    state.changes[2] = Change(KITCHEN, 3, 2, ALICE, key(3))


def invent_a_message(state, alice, bob):
    del bob["sent"][key(2)], bob["acked"][0]


def swap_two_messages(state, alice, bob):
    bob["listed"].reverse()


def miss_an_edit(state, alice, bob):
    bob["listed"][0][1:3] = 4, "edited once"


def miss_a_deletion(state, alice, bob):
    bob["listed"][2][2:] = "gone", False, {"👍": [BOB]}, None, {}


def keep_an_old_quote(state, alice, bob):
    alice["listed"][1][5] = [1, ALICE, "edited once", False]


def keep_the_quote_of_a_deleted_message(state, alice, bob):
    state.rows[1] = replace(state.rows[1], quote=[1, ALICE, "", True])


def lose_a_quote(state, alice, bob):
    bob["listed"][1][5] = None


def quote_another_author(state, alice, bob):
    bob["listed"][1][5] = [1, BOB, "edited twice", False]


def lose_a_mention(state, alice, bob):
    bob["listed"][1][6] = {}


def mention_somebody_else(state, alice, bob):
    bob["listed"][1][6] = {"2": "bob"}


def acknowledge_a_restore_that_did_nothing(state, alice, bob):
    alice["sent"][key(30)] = {"type": "restore", "id": key(30), "seq": 3, "at": 9.0}
    alice["acked"].append([9.1, key(30), 3, 8])


def restore_without_a_command(state, alice, bob):
    state.rows[2] = replace(state.rows[2], deleted=False)
    for log in (alice, bob):
        log["listed"][2] = list(state.rows[2].shown())


def miss_a_change(state, alice, bob):
    del bob["applied"][1]


def apply_a_change_late(state, alice, bob):
    bob["applied"].append([6.0, 3, 3, LATE])


def forget_a_post(state, alice, bob):
    bob["sent"][key(4)] = post(4, 5.0)


def refuse_a_valid_post(state, alice, bob):
    bob["sent"][key(4)] = post(4, 5.0)
    bob["refused"].append(["post", key(4), "empty", False])


def overtake_an_own_post(state, alice, bob):
    alice["sent"] = {key(3): post(3, 1.0), **alice["sent"]}


def leave_a_command_unanswered(state, alice, bob):
    alice["violations"].append([7.0, "no reply for 10.2 s on an open socket"])


def store_a_message_after_a_mute(state, alice, bob):
    state.rows[1] = replace(state.rows[1], created=50.5)
    state.sanctions.append(SanctionRow(BOB, KITCHEN, start=50.0, end=60.0))


def store_a_message_after_a_ban_from_the_site(state, alice, bob):
    state.rows[0] = replace(state.rows[0], created=50.5)
    state.sanctions.append(SanctionRow(ALICE, None, start=50.0, end=inf))


VIOLATIONS = {
    lose_an_acknowledged_message: "is stored as []",
    store_a_post_twice: "is stored as [2, 6]",
    acknowledge_another_number: "was acknowledged as 3",
    acknowledge_before_commit: "was never committed",
    skip_a_number: "head 9, but 8 changes",
    use_a_number_twice: "duplicates [2]",
    invent_a_message: "was never sent",
    swap_two_messages: "shows 3 of 3 messages",
    miss_an_edit: "missing [(1, 5, 'edited twice'",
    miss_a_deletion: "missing [(3, 8, '', True",
    keep_an_old_quote: "missing [(2, 2, 'hello', False, {}, [1, 1, 'edited twice'",
    keep_the_quote_of_a_deleted_message: "missing [(2, 2, 'hello', False, {}, [1, 1, '', True]",
    lose_a_quote: "missing [(2, 2, 'hello', False, {}, [1, 1, 'edited twice'",
    quote_another_author: "instead [(2, 2, 'hello', False, {}, [1, 2, 'edited twice'",
    lose_a_mention: "{'1': 'alice'})",
    mention_somebody_else: "{'2': 'bob'})",
    acknowledge_a_restore_that_did_nothing: "message 3 is deleted, though the last command on it was restore",
    restore_without_a_command: "message 3 is not deleted, though the last command on it was delete",
    miss_a_change: "never received the changes [2]",
    apply_a_change_late: "change 3 of 3 came after change 8",
    forget_a_post: "was lost without a reply",
    refuse_a_valid_post: "was refused: empty",
    overtake_an_own_post: "overtaken by a later one",
    leave_a_command_unanswered: "no reply for 10.2 s",
    store_a_message_after_a_mute: "message 2 of 2 was stored 0.500 s after a mute or ban",
    store_a_message_after_a_ban_from_the_site: "message 1 of 1 was stored 0.500 s after a mute or ban",
}


def test_a_correct_run_passes():
    assert judge(*correct_run()) == []


def test_messages_before_and_after_a_mute_and_of_others_and_elsewhere_pass():
    state, logs = copy.deepcopy(correct_run())
    state.rows[1] = replace(state.rows[1], created=50.0)
    rest = [(BOB, KITCHEN, 51.0, 60.0), (BOB, KITCHEN, 30.0, 40.0), (BOB, 8, 40.0, 60.0)]
    state.sanctions += [SanctionRow(*one) for one in (*rest, (ALICE, KITCHEN, 40.0, 60.0))]
    assert judge(state, logs) == []


def test_the_author_of_a_message_that_a_moderator_hid_does_not_decide_about_it():
    state, logs = copy.deepcopy(correct_run())
    restore_without_a_command(state, *logs)
    state.hidden.add((KITCHEN, 3))
    assert judge(state, logs) == []


@pytest.mark.parametrize("violate", VIOLATIONS, ids=lambda violate: violate.__name__)
def test_the_judge_reports_a_violation(violate):
    state, logs = copy.deepcopy(correct_run())
    violate(state, *logs)
    assert any(VIOLATIONS[violate] in line for line in judge(state, logs))


def test_the_order_of_changes_starts_again_after_a_reset():
    state, (alice, bob) = correct_run()
    bob["applied"] = [[1.0, 0, 3, RESET], [5.0, 1, 5, SHOWN], [9.0, 3, 8, SHOWN]]
    assert judge(state, [alice, bob]) == []


def test_a_client_has_recovered_when_it_applies_a_change_newer_than_the_end_of_the_fault():
    state, logs = copy.deepcopy(correct_run())  # Alice applies the third change at 2.0, Bob at 3.0
    for log in logs:
        for command in log["sent"].values():
            command["at"] = 1.0
    assert recovery_times({KITCHEN: 2}, 1.5, state, logs) == [0.5, 1.5]
    assert recovery_times({KITCHEN: 2}, 9.0, state, logs) == [0.0, 0.0]
    assert recovery_times({KITCHEN: 8}, 1.5, state, logs) == [5.5, 7.5]  # no change followed
    logs[1]["applied"].pop()
    assert recovery_times({KITCHEN: 7}, 1.5, state, logs) == [5.5, inf]


def test_in_a_quiet_room_the_recovery_begins_when_somebody_sends_a_command():
    state, logs = copy.deepcopy(correct_run())
    assert logs[0]["sent"][key(3)]["at"] == 3.0
    logs[1]["applied"][2][0] = 3.5
    assert recovery_times({KITCHEN: 2}, 1.5, state, logs) == [0.0, 0.5]
