"""Sends pushes: encrypted for each browser (RFC 8291), signed by this site (RFC 8292)."""

from __future__ import annotations

import logging
import time
from collections.abc import Collection, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import timedelta
from hashlib import sha256
from typing import NamedTuple
from urllib.parse import urlsplit

from django.conf import settings
from pywebpush import WebPushException, webpush
from requests import RequestException
from urllib3.exceptions import HTTPError

from chat import vapid
from chat.models import PushSubscription

from .payloads import Content
from .public_http import PublicSession
from .slow_hosts import SlowHosts

KEPT = timedelta(hours=12)  # by the push service, for a browser that is not running
AT_ONCE = 16  # requests of one task
DEADLINE = 30.0  # seconds for all of them; shorter than the lease
SLOW = 5.0  # seconds; a host that fails after that is skipped for a while
GONE = (404, 410)  # the user withdrew the permission, or the browser no longer exists
LATER = (408, 429)  # and those from 500 on
TOPIC_LENGTH = 32  # characters; RFC 8030

slow_hosts = SlowHosts()
logger = logging.getLogger(__name__)


class Push(NamedTuple):
    subscription: PushSubscription
    content: Content


class Outcome(NamedTuple):
    subscription: PushSubscription
    is_sent: bool = False
    is_gone: bool = False
    may_retry: bool = False
    is_failure: bool = False  # of the host: it refused, or let us wait


def send(pushes: Sequence[Push]) -> list[Outcome]:
    """Send all of them, those to browsers that failed before last. What is not sent before DEADLINE may be
    repeated later. Failures are logged, without the address of the browser and without the text.
    """
    if not pushes:
        return []
    threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="push")
    in_turn = sorted(pushes, key=lambda push: push.subscription.failures)
    sending = {threads.submit(send_to_quick_host, push): push.subscription for push in in_turn}
    done, late = wait(sending, timeout=DEADLINE)
    threads.shutdown(wait=False, cancel_futures=True)
    return [one.result() for one in done] + [Outcome(sending[one], may_retry=True) for one in late]


def send_to_quick_host(push: Push) -> Outcome:
    """Skip hosts that let us wait lately. One that does it now counts as failed, even if it took the push."""
    host = urlsplit(push.subscription.endpoint).hostname or ""
    if host in slow_hosts:
        return Outcome(push.subscription, may_retry=True)
    started = time.monotonic()
    outcome = send_one(push, host)
    if time.monotonic() - started < SLOW:
        return outcome
    if not outcome.is_sent:  # on a busy machine a real push service may seem slow
        slow_hosts.add(host)
    return outcome._replace(is_failure=True)


def send_one(push: Push, host: str) -> Outcome:
    subscription = push.subscription
    try:
        with PublicSession() as session:
            webpush(
                {
                    "endpoint": subscription.endpoint,
                    "keys": {"p256dh": subscription.key, "auth": subscription.auth},
                },
                push.content.encoded(),
                vapid_private_key=settings.OBROLAN_VAPID_KEY,
                vapid_claims={"sub": vapid.contact()},
                ttl=int(KEPT.total_seconds()),
                headers={"Topic": topic(push.content.tag), "Urgency": "high"},
                requests_session=session,
            )
    except WebPushException as error:
        status = error.status_code or 0
        if status in GONE:
            return Outcome(subscription, is_gone=True)
        logger.warning("A push to %s failed with status %s", host, status)
        return Outcome(subscription, may_retry=status in LATER or status >= 500, is_failure=True)
    except (RequestException, HTTPError, OSError, ValueError) as error:
        logger.warning("A push to %s failed: %s", host, type(error).__name__)
        return Outcome(subscription, may_retry=True, is_failure=True)
    return Outcome(subscription, is_sent=True)


def topic(tag: str) -> str:
    """A push that was not delivered yet is replaced by a later one with the same topic."""
    return sha256(tag.encode()).hexdigest()[:TOPIC_LENGTH]


def failed_people(outcomes: Collection[Outcome]) -> set[int]:
    """Those whom no push reached, but a later one may."""
    reached = {outcome.subscription.user_id for outcome in outcomes if outcome.is_sent}
    return {outcome.subscription.user_id for outcome in outcomes if outcome.may_retry} - reached
