"""Sends pushes: encrypted for each browser (RFC 8291), signed by this site (RFC 8292)."""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
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

KEPT = timedelta(hours=12)  # by the push service, for a browser that is not running
AT_ONCE = 16  # requests of one task
GONE = (404, 410)  # the user withdrew the permission, or the browser no longer exists
LATER = (408, 429)  # and those from 500 on
TOPIC_LENGTH = 32  # characters; RFC 8030

logger = logging.getLogger(__name__)


class Push(NamedTuple):
    subscription: PushSubscription
    content: Content


class Outcome(NamedTuple):
    subscription: PushSubscription
    is_sent: bool = False
    is_gone: bool = False
    may_retry: bool = False


def send(pushes: Sequence[Push]) -> list[Outcome]:
    """Send all of them. Failures are logged, without the address of the browser and without the text."""
    if not pushes:
        return []
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="push") as threads:
        return list(threads.map(send_one, pushes))


def send_one(push: Push) -> Outcome:
    subscription = push.subscription
    host = urlsplit(subscription.endpoint).hostname
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
        return Outcome(subscription, may_retry=status in LATER or status >= 500)
    except (RequestException, HTTPError, OSError, ValueError) as error:
        logger.warning("A push to %s failed: %s", host, type(error).__name__)
        return Outcome(subscription, may_retry=True)
    return Outcome(subscription, is_sent=True)


def topic(tag: str) -> str:
    """A push that was not delivered yet is replaced by a later one with the same topic."""
    return sha256(tag.encode()).hexdigest()[:TOPIC_LENGTH]


def failed_people(outcomes: Collection[Outcome]) -> set[int]:
    """Those whom no push reached, but a later one may."""
    reached = {outcome.subscription.user_id for outcome in outcomes if outcome.is_sent}
    return {outcome.subscription.user_id for outcome in outcomes if outcome.may_retry} - reached
