"""A handler for aiosmtpd, which is the mail server of the tests."""

import email
from email import policy


class Mailbox:
    """A mail server that keeps what it accepts. `refusal`: what it answers to every recipient instead."""

    def __init__(self):
        self.mails, self.refusal = [], ""

    async def handle_RCPT(self, server, session, envelope, address, options):
        if self.refusal:
            return self.refusal
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        self.mails.append(email.message_from_bytes(envelope.content, policy=policy.default))
        return "250 OK"

    def part(self, number, kind):
        return self.mails[number].get_body([kind]).get_content()
