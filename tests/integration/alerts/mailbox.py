"""A mail server that keeps what comes, and refuses what it is told to."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from queue import Queue
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope

from tests.services.process import HOST, free_port

SECONDS = 20.0
USER, PASSWORD = "hub", "PASSW0RD"


class Mailbox:
    """What came. `replies` are given to recipients in turn, before all is taken."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.mails: Queue[tuple[list[str], EmailMessage]] = Queue()
        self.replies: list[str] = []

    def next(self) -> tuple[list[str], EmailMessage]:
        """Recipients of the envelope, and the mail."""
        return self.mails.get(timeout=SECONDS)

    async def handle_RCPT(  # noqa: N802 - what aiosmtpd calls
        self, _s: Any, _t: Any, envelope: Envelope, to: str, _o: Any
    ) -> str:
        reply = self.replies.pop(0) if self.replies else "250 OK"
        if reply.startswith("250"):
            envelope.rcpt_tos.append(to)
        return reply

    async def handle_DATA(  # noqa: N802 - what aiosmtpd calls
        self, _s: Any, _t: Any, envelope: Envelope
    ) -> str:
        content = envelope.content
        assert isinstance(content, bytes)
        mail = message_from_bytes(content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.mails.put((envelope.rcpt_tos, mail))
        return "250 taken"


def _knows(_server: Any, _session: Any, _envelope: Any, _how: str, said: Any) -> AuthResult:
    is_known = (said.login, said.password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=is_known, handled=False)


@contextmanager
def mailbox(trust: ssl.SSLContext | None = None, *, tls: str = "none") -> Iterator[Mailbox]:
    """A server on loopback; with `tls` it takes nothing before that, and nobody without a login."""
    box = Mailbox(free_port())
    more: dict[str, Any] = {}
    if tls != "none":
        more = {"authenticator": _knows, "auth_required": True, "auth_require_tls": tls != "tls"}
    if tls == "starttls":
        more |= {"tls_context": trust, "require_starttls": True}
    controller = Controller(
        box, HOST, box.port, ssl_context=trust if tls == "tls" else None, **more
    )
    controller.start()
    try:
        yield box
    finally:
        controller.stop()
