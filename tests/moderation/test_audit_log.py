"""The audit log: append-only, chained, verified and exported by a command."""

import csv
import io

import pytest
from django.core.management import CommandError, call_command
from django.db import Error, connection, transaction

from chat.actions import audit, members, rooms
from chat.client_ip import serving
from chat.models import AuditEntry, AuditHead, Membership, Room, User
from chat.models.audit_csv import csv_lines
from tests.at_once import at_once

CALLS, EACH = 20, 5  # decisions


def record(*reasons, **fields):
    with transaction.atomic():
        audit.record([audit.Decision("hide", reason=reason, **fields) for reason in reasons])


@pytest.mark.django_db
def test_an_entry_has_who_what_whom_where_why_when_and_from_which_address(kitchen, alice, bob):
    with serving("2001:db8::7"):
        record("Adverts", by=bob, person=alice, room=kitchen, seq=7)
    entry = AuditEntry.objects.get()
    assert (entry.number, entry.actor_id, entry.person_id, entry.room_id) == (1, bob.pk, alice.pk, kitchen.pk)
    assert (entry.actor_name, entry.person_name, entry.room_name) == ("Bob", "Alice", "Kitchen")
    assert (entry.seq, entry.reason, entry.address) == (7, "Adverts", "2001:db8::7")


@pytest.mark.django_db
def test_entries_are_neither_changed_nor_deleted_by_the_code():
    record("One")
    entry = AuditEntry.objects.get()
    entries = AuditEntry.objects.all()
    for change in (entry.save, entry.delete, entries.delete, lambda: entries.update(reason="Two")):
        with pytest.raises(TypeError, match="never changed"):
            change()


@pytest.mark.django_db
def test_the_database_refuses_to_change_an_entry():
    record("One")
    statements = ["UPDATE chat_auditentry SET reason = 'Two'"]
    if connection.vendor == "postgresql":
        statements.append("DELETE FROM chat_auditentry")
    for statement in statements:
        with pytest.raises(Error, match="never changed"), transaction.atomic():
            connection.cursor().execute(statement)
    assert AuditEntry.objects.get().reason == "One"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("statement", "broken"),
    [
        ("UPDATE chat_auditentry SET reason = 'nothing' WHERE number = 2", 2),
        ("UPDATE chat_auditentry SET actor_id = NULL, details = '{\"a\": 1}' WHERE number = 3", 3),
        ("DELETE FROM chat_auditentry WHERE number = 2", 2),
        ("DELETE FROM chat_auditentry WHERE number = 4", 4),
        ("UPDATE chat_auditentry SET number = 9 WHERE number = 4", 4),
        ("UPDATE chat_audithead SET number = 3", 3),
        ("DELETE FROM chat_audithead", 1),
    ],
)
def test_verify_names_the_first_broken_entry(statement, broken, bob):
    record("One", "Two", "Three", "Four", by=bob)
    call_command("audit", "verify")
    without_trigger()
    connection.cursor().execute(statement)
    assert audit.first_broken() == broken
    with pytest.raises(CommandError, match=f"broken at entry {broken}"):
        call_command("audit", "verify")


@pytest.mark.django_db
def test_names_details_and_reasons_of_any_script_keep_the_chain(kitchen):
    mei = User.objects.create_user("mei", name="梅 🍵")
    record("“Spam” \u2028 ok\n", by=mei, room=kitchen, details={"b": [1, None, "é"], "a": {"x": True}})
    assert audit.first_broken() is None


@pytest.mark.django_db
def test_in_a_transaction_of_several_actions_the_entries_follow_at_its_end(bob):
    with audit.together():
        record("One", by=bob)
        with pytest.raises(ZeroDivisionError), audit.together():
            record("undone", by=bob)
            raise ZeroDivisionError
        assert not AuditEntry.objects.exists()
    assert AuditEntry.objects.get().reason == "One"
    record("Two", by=bob)
    assert AuditEntry.objects.count() == 2


@pytest.mark.django_db
def test_the_export_has_all_entries_and_no_formulas(tmp_path, capsys, bob):
    dangerous = ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx"]
    record(*dangerous, 'plain, with "quotes"\nand lines', by=bob)
    call_command("audit", "export", output=str(tmp_path / "log.csv"))
    written = (tmp_path / "log.csv").read_bytes().decode()
    assert written == "".join(csv_lines(AuditEntry.objects.all()))
    rows = list(csv.DictReader(io.StringIO(written, newline="")))
    assert [row["reason"] for row in rows] == [f"'{text}" for text in dangerous] + [
        'plain, with "quotes"\nand lines'
    ]
    assert rows[0]["number"] == "1" and rows[0]["actor_name"] == "Bob" and len(rows[0]["hash"]) == 64
    call_command("audit", "export")
    assert capsys.readouterr().out.replace("\r\n", "\n") == written.replace("\r\n", "\n")
    with pytest.raises(CommandError, match="could not be written"):
        call_command("audit", "export", output=str(tmp_path / "log.csv"))


@pytest.mark.django_db
def test_changes_of_members_are_logged_except_leaving(kitchen, alice, bob, charlie):
    root = User.objects.create_superuser("rut")
    members.add(kitchen, charlie, Membership.MODERATOR, by=root)
    members.add(kitchen, charlie, Membership.MODERATOR, by=root)  # changes nothing
    members.add(kitchen, charlie, by=root)
    members.remove(kitchen, charlie, by=root)
    members.remove(kitchen, alice, by=alice)
    logged = AuditEntry.objects.order_by("number").values_list("action", "person_name", "details")
    assert list(logged) == [
        ("change_members", "Charlie", {"before": None, "after": "moderator"}),
        ("change_members", "Charlie", {"before": "moderator", "after": "member"}),
        ("change_members", "Charlie", {"before": "member", "after": None}),
    ]


@pytest.mark.django_db
def test_changes_of_a_room_are_logged_with_the_values_before_and_after(kitchen):
    root = User.objects.create_superuser("rut")
    rooms.update(kitchen, by=root, name="Kitchen", topic="Tea")
    rooms.update(kitchen, by=root, topic="Tea")
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.room_name, entry.details) == (
        "change_room",
        "Kitchen",
        {"topic": ["", "Tea"]},
    )


def test_decisions_of_two_processes_at_the_same_moment_have_no_gap(site, bob, kitchen):
    done = at_once(site, decide, [(bob.pk, kitchen.pk, number) for number in range(CALLS)])
    assert done == ["done"] * CALLS
    entries = list(AuditEntry.objects.order_by("number"))
    assert [entry.number for entry in entries] == list(range(1, CALLS * EACH + 1))
    for start in range(0, len(entries), EACH):  # those of one transaction follow each other
        assert len({entry.reason for entry in entries[start : start + EACH]}) == 1
    assert audit.first_broken() is None
    assert "All 100 entries" in site.manage("audit", "verify")


def decide(user_id, room_id, number):
    by, room = User.objects.get(pk=user_id), Room.objects.get(pk=room_id)
    record(*[f"reason {number}"] * EACH, by=by, room=room)
    return "done"


def without_trigger():
    on = " ON chat_auditentry" if connection.vendor == "postgresql" else ""
    connection.cursor().execute(f"DROP TRIGGER audit_entries_are_append_only{on}")
    assert AuditHead.objects.count() == 1
