"""Browsers and systems in words, from the header User-Agent, and rough places from IP addresses.

A few words are enough to recognise one's own devices. Only these are stored, never the header.
"""

from ipaddress import ip_address, ip_network

MAX_HEADER = 400  # characters that are looked at
# The first that is found counts: most browsers also name those that they are compatible with.
BROWSERS = {
    "Edg": "Edge",
    "OPR/": "Opera",
    "SamsungBrowser": "Samsung Internet",
    "Firefox": "Firefox",
    "FxiOS": "Firefox",
    "CriOS": "Chrome",
    "Chrome": "Chrome",
    "Safari": "Safari",
}
SYSTEMS = {
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Android": "Android",
    "Windows": "Windows",
    "CrOS": "ChromeOS",
    "Mac OS X": "macOS",
    "Linux": "Linux",
}
PREFIX = {4: 16, 6: 32}  # bits that tell the provider, and not the household


def in_words(header: str) -> str:
    """Such as "Firefox on Windows"."""
    header = header[:MAX_HEADER]
    browser = next((name for sign, name in BROWSERS.items() if sign in header), "Another program")
    system = next((name for sign, name in SYSTEMS.items() if sign in header), "")
    return f"{browser} on {system}" if system else browser


def place_of(ip: str) -> str:
    """The first part of an IP address, such as "203.0.…"."""
    try:
        address = ip_address(ip)
    except ValueError:
        return ""
    network = str(ip_network((address, PREFIX[address.version]), strict=False).network_address)
    if address.version == 4:
        return ".".join(network.split(".")[:2]) + ".…"
    return network.removesuffix("::") + ":…"
