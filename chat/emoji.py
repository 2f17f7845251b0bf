"""Emoji: which text is one, which message is shown large, and the list that people choose from.

The names and shortcodes come from the package `emoji`, which has no groups and no order. Loading it takes
40 ms, so that happens at the first use, not at start.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import Any

import msgspec

NEWEST = 17  # Emoji version; fonts lack later ones
LARGE = 3  # a message of so many emoji and nothing else is shown large
LONGEST = 10  # characters; a kiss of two people with skin tones
VARIATION = "\ufe0f"  # asks for the colourful form of a character such as ❤
SKIN_TONES = set("🏻🏼🏽🏾🏿")

# By first character, single or a range. Emoji are listed in this order; the others are objects.
GROUPS = {
    "Smileys": (
        "😀-🙄 🤐-🤗 🤠-🤥 🤧-🤯 🥰-🥶 🥸-🥺 🧐 🫠-🫥 🫨-🫫 ☹-☺ 🙈-🙊 👹-👻 👽-💀 ☠ 💩 ❤ ❣ 🧡 💛 "
        "💚 🩵 💙 💜 🤎 🖤 🩶 🤍 🩷 💓-💟 💋-💌 💯 💢 💤-💦 💨 💫-💭 🕳 🗨-🗯"
    ),
    "People": (
        "👍-👎 👋-👌 👏-👐 🙏 🙌 ✊-✍ 👆-👊 ☝ 🤌 🤏 🤘-🤟 🤲-🤳 🖐-🖖 🫰-🫺 💪 💅 👀-👅 🫦 🦴-🦷 "
        "🦻 🦾-🦿 🧠 🫀-🫁 🙅-🙇 🙋-🙏 🤦 🤷 👣-👸 👼 💁-💃 💆-💇 💏 💑 🎅 🏂-🏄 🏇 🏊-🏌 ⛷ ⛹ 🕴-🕵 "
        "🕺 🗣 🚣 🚴-🚶 🛀 🛌 🤰-🤾 🥷 🦸-🦹 🧌-🧏 🧑-🧟 🫂-🫈"
    ),
    "Animals and nature": (
        "🐶 🐱 🐬-🐿 🐀-🐫 🕊 🕷-🕸 🦁-🦏 🦒-🦝 🦟-🦩 🦫-🦮 🪰-🪳 🪶 🪸 🪼-🪿 🫌-🫏 "
        "💐 🌱-🌵 🌷-🌼 🌾-🍄 ☘ 🏵 💮 🥀 🪴 🪷 🪹-🪻"
    ),
    "Food and drink": "🍅-🍿 🥐-🥯 🫐-🫝 🧀-🧋 🌭-🌰 🌶 🌽 🎂 🦀 🦐-🦑 🦞 🦪 ☕ 🥂-🥄 🏺 🔪",
    "Travel and places": (
        "🚀-🚢 🚤-🚨 🚲 🏍-🏎 🛢-🛶 🛸-🛼 🦼-🦽 ✈ ⛴-⛵ ⚓ 🛑 🛝-🛟 🪂 🧭 🗺-🗾 🏔-🏦 🏨-🏭 🏯-🏰 🛕-🛖 "
        "🕋-🕍 💒 ⛩-⛲ ⛺-⛽ 🎠-🎢 🎪 💈 🛎 🧳 💺 🌀-🌬 ☀-☄ ☔ ⛄-⛈ ❄ ⚡ ⭐ 🔥 💧 🪐 ♨ 🧱 🪨 🪵 "
        "⌚-⌛ ⏰-⏳ 🕰 🕐-🕧"
    ),
    "Activities": (
        "🎉 🎈 🎀-🎁 ✨ 🎃-🎄 🎆-🎋 🎍-🎑 🧧-🧩 🎖-🎗 🏅-🏆 🥅-🥏 ⚽-⚾ 🎽-🏀 🏈-🏉 🏏-🏓 🏸 ⛳ ⛸ 🎣 🛷 "
        "🤿 🎨 🎫 🎟 🎭-🎴 🔮 🔫 🕹 🖼 🧵-🧶 🧸 🪀-🪁 🪄-🪆 🪡-🪢 🪩 🀄-🃏 ♟ ♠-♦"
    ),
    "Objects": "💡 💻-📚 📜-📲 📷-📿 🔇-🔗 🔦-🔩 🎒-🎓 🎙-🎞 🎤-🎥 🎧 🎬 🎵-🎼",
    "Symbols": (
        "✅ ❇-❗ ➕-⬜ ⭕-㊙ ✔-✡ ✳-✴ ©-↪ ⏏-⏯ ⏸-◾ ☑ ☢-☸ ♀-♓ ♻-♿ ⚕ ⚛-⚠ ⚧-⚫ ⛎ ⛔ 🅰-🆚 🈁-🉑 🎦 "
        "🏧 💠 💱-💲 📛 📳-📶 🔀-🔆 🔘-🔤 🔯-🕉 🕎 🚫 🚭-🚱 🚳 🚷-🚼 🚾 🛂-🛅 🛐 🛜 🟠-🟰 🪯 #-9"
    ),
    "Flags": "🏁 🚩 🎌 🏳-🏴 🇦-🇿",
}


def qualified(text: str) -> str | None:
    """The form of an emoji that is stored, with variation selectors. None if the text is not one emoji."""
    return _forms().get(text)


def are_large(text: str) -> bool:
    """Whether a message is up to LARGE emoji and nothing else but spaces."""
    if len(text) > LARGE * (LONGEST + 1) or text.isascii():
        return False
    rest = text.replace(" ", "")
    for _ in range(LARGE):
        rest = rest[_length_of_first(rest) :] or " "
    return rest == " "


def catalogue() -> bytes:
    """The emoji to choose from, as JSON: groups of [emoji, English name, shortcodes, Indonesian name].

    Without skin tones: each of them would be there six times.
    """
    groups: dict[str, list[tuple[float, str, list[object]]]] = {name: [] for name in GROUPS}
    places = _places()
    for emoji, data in _data("id").items():
        if not _is_fully_qualified(data) or SKIN_TONES & set(emoji) or data["E"] > NEWEST:
            continue
        group, place = places.get(emoji[0], ("Objects", len(places)))
        groups[group].append((place, emoji, _entry(emoji, data)))
    found = [
        {"name": name, "emoji": [entry for _, _, entry in sorted(entries, key=lambda entry: entry[:2])]}
        for name, entries in groups.items()
    ]
    return msgspec.json.encode({"groups": found})


def _entry(emoji: str, data: dict[str, Any]) -> list[object]:
    name = data["en"].strip(":")
    codes = [code.strip(":") for code in data.get("alias", ())]
    return [
        emoji,
        _words(name),
        [code for code in codes if code != name.lower()],
        _words(data["id"].strip(":")),
    ]


def _words(name: str) -> str:
    return name.replace("_", " ")


def _places() -> dict[str, tuple[str, int]]:
    """The group and the position of each first character of an emoji."""
    places: dict[str, tuple[str, int]] = {}
    for group, ranges in GROUPS.items():
        for part in ranges.split():
            for code in range(ord(part[0]), ord(part[-1]) + 1):
                places.setdefault(chr(code), (group, len(places)))
    return places


def _length_of_first(text: str) -> int:
    """The length of the emoji at the start of the text, 0 if there is none."""
    forms = _forms()
    lengths = range(min(LONGEST, len(text)), 0, -1)
    return next((length for length in lengths if forms.get(text[:length]) == text[:length]), 0)


@cache
def _forms() -> dict[str, str]:
    """Each way to write an emoji, with and without variation selectors → its fully qualified form."""
    data = _data()
    full = {emoji.replace(VARIATION, ""): emoji for emoji in data if _is_fully_qualified(data[emoji])}
    bare = ((emoji, full.get(emoji.replace(VARIATION, ""))) for emoji in data)
    return {emoji: form for emoji, form in bare if form}


def _is_fully_qualified(data: dict[str, Any]) -> bool:
    return data["status"] == 2


def _data(language: str = "en") -> dict[str, dict[str, Any]]:
    package = import_module("emoji")  # not at start: see above
    package.config.load_language(language)
    return package.EMOJI_DATA
