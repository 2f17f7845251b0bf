"""The tasks of the queue. Each tells a few people what they have not read, by one channel."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection, Sequence
from functools import wraps

from django_tasks import task

from chat.actions import push_subscriptions
from chat.actions.notices.due import MAIL, PUSH, Lease
from chat.actions.notices.reach import may_mail
from chat.actions.notices.told import told
from chat.actions.notices.untold import Told, Untold, untold

PEOPLE = 10  # of one task
MAIL_DEADLINE = 30.0  # seconds, from which a task starts no further mail
MAX_MAILED = 5  # messages of a room in a mail

logger = logging.getLogger(__name__)


def logged(function: Callable[..., None]) -> Callable[..., None]:
    """The library stores the traceback of a failed task, and logs nothing."""

    @wraps(function)
    def run(*arguments: object) -> None:
        try:
            function(*arguments)
        except Exception:
            logger.exception("A task of the worker failed; its people are told later")
            raise

    return run


@task(queue_name=PUSH)
@logged
def push(users: Sequence[int], until: str) -> None:
    from . import payloads, pushes  # loads several libraries, with the first task only

    holders = Lease(PUSH, until).holders(users)
    found, nothing = untold(PUSH, holders, most=1)
    browsers = push_subscriptions.current(found)
    outcomes = pushes.send(
        [
            pushes.Push(browser, payloads.content(rooms))
            for user, rooms in found.items()
            for browser in browsers.get(user, ())
        ]
    )
    push_subscriptions.gone([outcome.subscription.pk for outcome in outcomes if outcome.is_gone])
    push_subscriptions.failed([outcome.subscription.pk for outcome in outcomes if outcome.is_failure])
    push_subscriptions.worked([one.subscription.pk for one in outcomes if one.is_sent and not one.is_failure])
    failed = pushes.failed_people(outcomes)
    sent = found.keys() - failed
    done = [row for user in sent for row in rows_of(found[user])]
    told(PUSH, [*nothing, *done], sent=sent, failed=failed, idle=set(holders) - found.keys())


@task(queue_name=MAIL)
@logged
def mail(users: Sequence[int], until: str) -> None:
    from .mails import Mailer

    lease = Lease(MAIL, until)
    holders = lease.holders(users)
    found, nothing = untold(MAIL, holders, most=MAX_MAILED)
    for user in found.keys() - may_mail(found):
        nothing += [Told(one.membership.pk, None) for one in found.pop(user)]
    told(MAIL, nothing, idle=set(holders) - found.keys())
    ends = time.monotonic() + MAIL_DEADLINE
    with Mailer() as mailer:
        for user, rooms in found.items():
            if time.monotonic() > ends:
                told(MAIL, [], failed=[user])
                continue
            if not lease.holders([user]):
                continue  # a slow server used up the lease
            if mailer.send(rooms):
                told(MAIL, rows_of(rooms), sent=[user])
            else:
                told(MAIL, [], failed=[user])


def rows_of(rooms: Collection[Untold]) -> list[Told]:
    return [Told(one.membership.pk, one.newest) for one in rooms]
