"""Template filters of the pages for moderators."""

from django import template
from django.utils import timezone

from chat.models import Sanction
from chat.views.gate import until as until_text

register = template.Library()


@register.filter
def until(sanction: Sanction) -> str:
    return until_text(sanction.ends_at, timezone.now())
