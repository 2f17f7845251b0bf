"""View: the link in mails that ends them."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from chat.actions import notification_settings
from chat.refusals import Refusal

from .errors import page as error_page


@csrf_exempt  # the token is the authority; mail programs post without a cookie (RFC 8058)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """A GET shows a button, since programs that check links must not unsubscribe anybody."""
    user = notification_settings.user_of(token)
    if user is None:
        return error_page(request, Refusal("link_spent"))
    if request.method == "POST":
        notification_settings.stop_mails(user)
    return render(request, "unsubscribe.html", {"is_done": request.method == "POST"})
