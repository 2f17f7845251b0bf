"""The reasons that moderators choose from. The person is told the sentence; own words follow it."""

REASONS = {
    "spam": "Please do not post spam or advertising.",
    "abuse": "Please do not insult, threaten or harass anybody.",
    "private": "Please do not post private data of other people.",
    "topic": "Please keep to the topic of this room.",
    "flood": "Please do not post the same thing again and again.",
    "illegal": "This may be against the law.",
}


def reason_in_words(chosen: str, words: str) -> str:
    """The sentence of a chosen reason, if any, and the moderator's own words."""
    return " ".join(part for part in (REASONS.get(chosen, ""), words.strip()) if part)
