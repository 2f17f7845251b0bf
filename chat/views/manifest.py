"""View: the web app manifest, which makes the site installable."""

from django.http import HttpRequest, JsonResponse
from django.templatetags.static import static
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

CACHED_FOR = 3600  # seconds; the addresses of the icons change with their contents
PAPER = "#fcfaf7"  # base.css, light


@require_safe
@cache_control(public=True, max_age=CACHED_FOR)
def manifest(request: HttpRequest) -> JsonResponse:
    icons = [
        {"src": static("chat/icon.svg"), "sizes": "any", "type": "image/svg+xml"},
        _png("icon-192.png", 192),
        _png("icon-512.png", 512),
        _png("icon-maskable.png", 512) | {"purpose": "maskable"},
    ]
    described = {
        "name": "Obrolan",
        "short_name": "Obrolan",
        "description": "A place to talk in rooms.",
        "lang": "en",
        "id": "/",
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "background_color": PAPER,
        "theme_color": PAPER,
        "icons": icons,
    }
    return JsonResponse(described, content_type="application/manifest+json")


def _png(name: str, size: int) -> dict[str, str]:
    return {"src": static(f"chat/{name}"), "sizes": f"{size}x{size}", "type": "image/png"}
