"""Draw the PNG icons from `icon.svg` with Chromium: `python -m tests.browser.icons`."""

from pathlib import Path

from playwright.sync_api import sync_playwright

from .conftest import ARGUMENTS, CHROMIUM

FOLDER = Path(__file__).parents[2] / "chat/static/chat"
PAPER, NONE = "#fcfaf7", "transparent"
ICONS = [  # name, size in pixels, part of it that the mark fills, background
    ("icon-192.png", 192, 0.96, NONE),
    ("icon-512.png", 512, 0.96, NONE),
    ("icon-maskable.png", 512, 0.6, PAPER),  # systems cut off up to a tenth at each side
    ("icon-apple.png", 180, 0.7, PAPER),
]


def main() -> None:
    mark = (FOLDER / "icon.svg").read_text()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        for name, size, part, background in ICONS:
            page = browser.new_page(viewport={"width": size, "height": size})
            page.set_content(
                f"<style>body {{ margin: 0; display: grid; place-items: center; height: 100vh;"
                f" background: {background} }} svg {{ width: {part:.0%} }}</style>{mark}"
            )
            page.screenshot(path=FOLDER / name, omit_background=True)
        browser.close()


if __name__ == "__main__":
    main()
