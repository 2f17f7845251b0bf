"""A horizontal bar chart as a small SVG that is legible on light and dark backgrounds."""

from collections.abc import Iterable
from xml.sax.saxutils import escape

OUR_COLOR, PEER_COLOR, TEXT_COLOR = "#b9512f", "#9a938a", "#6f6a63"
BAR_HEIGHT, GAP = 22, 8  # pixels
LABEL_WIDTH, MAX_BAR_WIDTH, CHART_WIDTH = 236, 400, 720  # pixels


def chart(bars: Iterable[tuple[float, str, bool]]) -> str:
    """Draw bars of (value, title, whether it is Obrolan), the longest first."""
    ordered = sorted(bars, reverse=True)
    maximum = max((value for value, _, _ in ordered), default=1)
    rows = []
    for index, (value, title, is_ours) in enumerate(ordered):
        top, length = GAP + (BAR_HEIGHT + GAP) * index, value / maximum * MAX_BAR_WIDTH
        name = escape(title.replace("`", ""))
        rows += [
            f'<text x="{LABEL_WIDTH - GAP}" y="{top + 16}" text-anchor="end">{name}</text>',
            f'<rect x="{LABEL_WIDTH}" y="{top}" width="{length:.0f}" height="{BAR_HEIGHT}" rx="3" '
            f'fill="{OUR_COLOR if is_ours else PEER_COLOR}"/>',
            f'<text x="{LABEL_WIDTH + length + GAP:.0f}" y="{top + 16}">{value:,.0f}</text>',
        ]
    height = GAP + (BAR_HEIGHT + GAP) * len(ordered)
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {CHART_WIDTH} {height}" role="img">',
            f"<style>text{{font:13px system-ui,sans-serif;fill:{TEXT_COLOR}}}</style>",
            *rows,
            "</svg>\n",
        ]
    )
