"""Refusals by decisions of moderators and by rules, and of these decisions."""

from .kind import Kind

MODERATION = {
    # reports
    "too_many_reports": Kind("You reported too much in a short time. Try again in {wait}.", 429),
    "case_closed": Kind("{by} has closed this case already: {outcome}.", 409),
    # decisions; `chat.standing` adds where, until when and why
    "muted": Kind("You are muted.", 403),
    "acknowledge_first": Kind("A moderator warned you. Acknowledge it before you write again.", 403),
    "banned": Kind("You are banned.", 403),
    "address_banned": Kind("Guests and new accounts from your network are not admitted: {reason}", 403),
    "no_address": Kind("The IP address of this person is not known. Ban only the person."),
    "bad_address": Kind("This is not an IP address."),
    "bad_duration": Kind("Choose a time of at least a second and at most {days} days."),
    "reason_empty": Kind("Enter a reason."),
    "words_empty": Kind("Write a few words first."),
    "no_sanction": Kind("There is no such sanction.", 404),
    "sanction_over": Kind("This sanction is over.", 410),
    "appeal_sent": Kind("You have already appealed. A moderator will answer.", 409),
    "no_appeal": Kind("There is no appeal.", 404),
    "appeal_answered": Kind("{by} has already answered this appeal.", 409),
    "wrote_messages": Kind("This person wrote messages. Deactivate the account instead.", 409),
    # word and link rules, and messages that wait
    "rule_empty": Kind("Enter a word, a phrase or a host."),
    "rule_signs": Kind(
        "Rules ignore signs such as # and +. Enter letters and digits, and at the end maybe *."
    ),
    "rule_too_long": Kind("This is longer than {limit} characters. Shorten it."),
    "rule_words": Kind("A phrase can have at most {limit} words. Shorten it."),
    "rule_characters": Kind("This has a character that cannot be used. Remove it."),
    "rule_host": Kind("Enter a host, such as example.com."),
    "rule_exists": Kind("There is already a rule for this.", 409),
    "too_many_rules": Kind("There are already {limit} rules. Remove some first."),
    "already_decided": Kind("{who} already decided: this message was {outcome}.", 409),
    "author_sanctioned": Kind("The author of this message cannot write now, so it cannot be approved.", 409),
    "against_rules": Kind("This message is against a rule of the room: {explanation}"),
    "too_many_held": Kind(
        "{limit} of your messages wait for approval. Wait until a moderator has read them.", 429
    ),
}
