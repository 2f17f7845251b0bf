"""A round: look at the new messages, and queue tasks for the people whose turn it is.

The tasks are written in the transaction that chooses the people, so both happen or neither. The lock of the
only `NoticeCursor` lets one worker of several do it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from chat.actions import push_subscriptions
from chat.actions.notices.due import MAIL, PUSH, choose
from chat.actions.notices.new import look
from chat.actions.notices.reach import mails_are_on, pushes_are_on

from . import tasks

KEEP_TASKS = timedelta(days=1)  # after they were queued
TASKS = {PUSH: tasks.push, MAIL: tasks.mail}
MAX_LOOKS = 20  # in one round
LAST = -10  # priority of people whose browsers failed: nobody else waits for those


def has_work() -> bool:
    """Whether the operator configured pushes or mails."""
    return pushes_are_on() or mails_are_on()


def run() -> None:
    for _ in range(MAX_LOOKS):
        if not look():
            break
    for channel in (PUSH, MAIL):
        queue(channel)


def queue(channel: str) -> None:
    with transaction.atomic():
        lease, users = choose(channel)
        failing = push_subscriptions.failing(users) if channel == PUSH else set()
        for priority, group in ((0, [one for one in users if one not in failing]), (LAST, sorted(failing))):
            for some in parts(group, tasks.PEOPLE):
                TASKS[channel].using(priority=priority).enqueue(some, lease.until)


def parts(users: Sequence[int], size: int) -> list[list[int]]:
    return [list(users[start : start + size]) for start in range(0, len(users), size)]


def forget_old_tasks() -> None:
    """Delete the rows of finished tasks, and of those whose worker was killed."""
    old = DBTaskResult.objects.filter(enqueued_at__lt=timezone.now() - KEEP_TASKS)
    old.exclude(status="READY").delete()
