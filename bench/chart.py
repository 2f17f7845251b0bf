"""A bar chart as an SVG of a few lines that reads on light and dark."""

from collections.abc import Iterable
from xml.sax.saxutils import escape

OURS, OTHERS, WORDS = "#b9512f", "#9a938a", "#6f6a63"
BAR, GAP = 22, 8  # pixels
NAMES, WIDEST, WIDTH = 236, 400, 720  # pixels


def chart(bars: Iterable[tuple[float, str, bool]]) -> str:
    """Bars of (figure, title, whether it is ours), the longest first."""
    ordered = sorted(bars, reverse=True)
    most = max((figure for figure, _, _ in ordered), default=1)
    rows = []
    for index, (figure, title, ours) in enumerate(ordered):
        top, length = GAP + (BAR + GAP) * index, figure / most * WIDEST
        name = escape(title.replace("`", ""))
        rows += [
            f'<text x="{NAMES - GAP}" y="{top + 16}" text-anchor="end">{name}</text>',
            f'<rect x="{NAMES}" y="{top}" width="{length:.0f}" height="{BAR}" rx="3" '
            f'fill="{OURS if ours else OTHERS}"/>',
            f'<text x="{NAMES + length + GAP:.0f}" y="{top + 16}">{figure:,.0f}</text>',
        ]
    height = GAP + (BAR + GAP) * len(ordered)
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img">',
            f"<style>text{{font:13px system-ui,sans-serif;fill:{WORDS}}}</style>",
            *rows,
            "</svg>\n",
        ]
    )
