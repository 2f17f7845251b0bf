"""View: the picture of a person, for people who are logged in."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from chat.models import UserPicture

# A new picture has a new address. `private`: no proxy shows it to others.
FOR_EVER = "private, max-age=31536000, immutable"


@require_safe
def picture(request: HttpRequest, user_id: int, hash: str, small: bool = False) -> HttpResponse:
    """An empty 404 for pictures that were removed or replaced: no page is shown in their place."""
    if not request.user.is_authenticated:
        return HttpResponse(status=403)
    size = "small" if small else "large"
    found = UserPicture.objects.filter(user=user_id, user__picture=hash).values_list(size, flat=True).first()
    if found is None:
        return HttpResponse(status=404, headers={"Cache-Control": "no-store"})
    return HttpResponse(bytes(found), content_type="image/webp", headers={"Cache-Control": FOR_EVER})
