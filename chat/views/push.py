"""Views: the service worker, and the subscriptions of browsers to pushes."""

from functools import cache
from pathlib import Path

import msgspec
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_safe

import chat
from chat.actions import push_subscriptions
from chat.refusals import Refusal

from .errors import answer, json

SOURCE = Path(chat.__file__).parent / "static" / "chat" / "sw.js"


class Keys(msgspec.Struct):
    p256dh: str
    auth: str


class Subscription(msgspec.Struct):
    """`PushSubscription.toJSON()` of the browser. To end one, only the endpoint is needed."""

    endpoint: str
    keys: Keys | None = None


@require_safe
@cache_control(no_cache=True)  # browsers ask for a new version at each visit
def service_worker(request: HttpRequest) -> HttpResponse:
    """At the root, because a service worker controls only the pages below its own address."""
    return HttpResponse(source(), content_type="text/javascript; charset=utf-8")


@cache
def source() -> bytes:
    return SOURCE.read_bytes()


@require_http_methods(["POST", "DELETE"])
def subscriptions(request: HttpRequest) -> HttpResponse:
    """Subscribe this browser, or end its subscription."""
    try:
        if not request.user.is_authenticated:
            raise Refusal("sign_in")
        sent = parse(request.body)
        if request.method == "DELETE":
            push_subscriptions.unsubscribe(request.user, sent.endpoint)
            return json({})
        if sent.keys is None:
            raise Refusal("bad_subscription")
        push_subscriptions.subscribe(
            request.user,
            request.session.session_key or "",
            endpoint=sent.endpoint,
            key=sent.keys.p256dh,
            auth=sent.keys.auth,
        )
    except Refusal as refusal:
        return answer(refusal)
    return json({}, status=201)


def parse(body: bytes) -> Subscription:
    try:
        return msgspec.json.decode(body, type=Subscription)
    except (msgspec.DecodeError, UnicodeError) as error:
        raise Refusal("malformed", detail="not a subscription") from error
