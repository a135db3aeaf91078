"""Mails, as text and as HTML, through an SMTP server."""

import json
import smtplib
import ssl
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import Annotated, Literal, Self

import structlog
from pydantic import Field, SecretStr, model_validator

from llm_analytics_hub.alerts.channels.base import ChannelBase, Surroundings
from llm_analytics_hub.alerts.channels.channel import ChannelError
from llm_analytics_hub.alerts.channels.keys import idempotency_key
from llm_analytics_hub.alerts.channels.messages import MessageTemplates, Writer
from llm_analytics_hub.alerts.channels.posting import check_ca_file
from llm_analytics_hub.alerts.channels.template_setting import MessageTemplate
from llm_analytics_hub.clock import Clock
from llm_analytics_hub.model.alerts.routing import Notice

log = structlog.get_logger(__name__)

Address = Annotated[
    str, Field(pattern=r"^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{1,253}$")
]
Tls = Literal["starttls", "tls", "none"]
_PORTS = {"starttls": 587, "tls": 465, "none": 25}


class EmailSettings(ChannelBase):
    """A mail for each notice."""

    kind: Literal["email"] = "email"
    host: str = Field(pattern="^[A-Za-z0-9.:-]{1,253}$", description="the SMTP server")
    port: int | None = Field(
        None, ge=1, le=65535, description="its port; default: 587 with starttls, 465 with tls, 25"
    )
    tls: Tls = Field("starttls", description="starttls, tls from the first byte, or none")
    ca_file: Path | None = Field(
        None, description="certificates of authorities to trust; default: the public ones"
    )
    sender: Address = Field(description="the address that mails come from")
    to: tuple[Address, ...] = Field(min_length=1, max_length=100, description="who gets them")
    user: str = Field("", max_length=320, description="name to log in with; none: no login")
    password: SecretStr | None = Field(None, description="its password")
    title: MessageTemplate = Field("", description="template of the subject; default: the hub's")
    body: MessageTemplate = Field("", description="template of the text; default: the hub's")
    html: MessageTemplate = Field(
        "", description="template of the HTML, where values are escaped; default: the hub's"
    )

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if bool(self.user) != bool(self.password):
            raise ValueError("password: it and user are set together")
        if self.user and self.tls == "none":
            raise ValueError("tls: a password is sent with starttls or tls only")
        return self

    def open(self, name: str, given: Surroundings, /) -> "EmailChannel":
        """The channel. Raises: SettingsError for a `ca_file` that holds no certificates."""
        check_ca_file(self.ca_file)
        templates = MessageTemplates(self.title, self.body, self.html)
        return EmailChannel(name, self, Writer(name, templates, given.metrics), given.clock)


class EmailChannel:
    """Sends mails, each over a connection of its own."""

    def __init__(self, name: str, chosen: EmailSettings, writer: Writer, clock: Clock) -> None:
        self.name = name
        self._chosen = chosen
        self._writer = writer
        self._clock = clock

    def prepare(self) -> None:
        """Read the templates."""
        self._writer.prepare(with_html=True)

    def payload(self, notice: Notice) -> str:
        """Subject, text, HTML and id, as JSON."""
        message = self._writer.message(notice, with_html=True)
        return json.dumps({
            "id": idempotency_key(notice), "thread": f"{notice.tenant}/{notice.group_key}",
            "subject": message.title, "text": message.text, "html": message.html,
        })  # fmt: skip

    def send(self, notice: Notice) -> None:
        """Send it. Raises: ChannelError."""
        self.send_again(self.payload(notice))

    def send_again(self, payload: str) -> None:
        """Send what `payload` made. Raises: ChannelError."""
        mail = mail_of(json.loads(payload), self._chosen, self._clock.now())
        try:
            self._sent(mail)
        except smtplib.SMTPException as error:
            raise _told(error, self._chosen.host) from error
        except OSError as error:
            kind = type(error).__name__
            raise ChannelError(f"{self._chosen.host} cannot be reached: {kind}") from error

    def close(self) -> None:
        """There is nothing to release."""

    def _sent(self, mail: EmailMessage) -> None:
        chosen = self._chosen
        with self._connected() as server:
            if chosen.tls == "starttls":
                server.starttls(context=self._trust())
            if chosen.user and chosen.password:
                server.login(chosen.user, chosen.password.get_secret_value())
            refused = server.send_message(mail, chosen.sender, chosen.to)
        if refused:  # of some; of all, it raises
            log.warning("email refused", channel=self.name, recipients=len(refused))

    def _connected(self) -> smtplib.SMTP:
        chosen = self._chosen
        port, timeout = chosen.port or _PORTS[chosen.tls], chosen.timeout_seconds
        if chosen.tls == "tls":
            return smtplib.SMTP_SSL(chosen.host, port, timeout=timeout, context=self._trust())
        return smtplib.SMTP(chosen.host, port, timeout=timeout)

    def _trust(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self._chosen.ca_file)


def mail_of(payload: dict[str, str], chosen: EmailSettings, at: datetime) -> EmailMessage:
    """The mail; those of one group of alerts are one thread."""
    mail, domain = EmailMessage(), chosen.sender.rpartition("@")[2]
    thread = "".join(c if c.isalnum() else f".{ord(c):x}." for c in payload["thread"])[:200]
    mail["Subject"] = payload["subject"]
    mail["From"], mail["To"] = chosen.sender, ", ".join(chosen.to)
    mail["Date"] = format_datetime(at)
    mail["Message-ID"] = f"<{payload['id']}@{domain}>"
    mail["References"] = f"<{thread}@{domain}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(payload["text"])
    mail.add_alternative(payload["html"], subtype="html")
    return mail


def _told(error: smtplib.SMTPException, host: str) -> ChannelError:
    codes = _codes(error)
    # What the server says may repeat what it was sent: its code and the kind are enough.
    said = f" with {codes[0]}" if codes else ""
    is_final = bool(codes) and all(code >= 500 for code in codes)
    is_final = is_final or isinstance(error, smtplib.SMTPNotSupportedError)
    return ChannelError(f"{host} refused: {type(error).__name__}{said}", is_final=is_final)


def _codes(error: smtplib.SMTPException) -> list[int]:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return [code for code, _ in error.recipients.values()]
    return [error.smtp_code] if isinstance(error, smtplib.SMTPResponseException) else []
