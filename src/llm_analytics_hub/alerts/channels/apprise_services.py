"""Slack, Teams, PagerDuty, Telegram and a hundred more, through apprise."""

import json
import logging
import re
import warnings
from typing import TYPE_CHECKING, Annotated, Literal

import structlog
from pydantic import Field, SecretStr

from llm_analytics_hub.alerts.channels.base import ChannelBase, Surroundings
from llm_analytics_hub.alerts.channels.channel import ChannelError
from llm_analytics_hub.alerts.channels.messages import MessageTemplates, Writer, gravest
from llm_analytics_hub.alerts.channels.posting import PASSING
from llm_analytics_hub.alerts.channels.template_setting import MessageTemplate
from llm_analytics_hub.errors import SettingsError
from llm_analytics_hub.model.alerts.routing import Notice

if TYPE_CHECKING:
    from apprise import Apprise, AppriseResult

log = structlog.get_logger(__name__)

ServiceUrl = Annotated[SecretStr, Field(min_length=4, max_length=2000)]
_TYPES = {"critical": "failure", "warning": "warning", "info": "info", "": "info"}
_STATUS = re.compile(r"error[ =:]+(\d{3})\b")


class AppriseSettings(ChannelBase):
    """One message to each of the services; https://appriseit.com/services/ lists their URLs."""

    kind: Literal["apprise"] = "apprise"
    urls: tuple[ServiceUrl, ...] = Field(
        min_length=1, max_length=50, description="apprise's URLs of services, which hold secrets"
    )
    title: MessageTemplate = Field("", description="template of the title; default: the hub's")
    body: MessageTemplate = Field("", description="template of the text; default: the hub's")

    def open(self, name: str, given: Surroundings, /) -> "AppriseChannel":
        """The channel. Raises: SettingsError for a URL that apprise does not know."""
        writer = Writer(name, MessageTemplates(self.title, self.body), given.metrics)
        services = [
            _service(url.get_secret_value(), self.timeout_seconds, place)
            for place, url in enumerate(self.urls)
        ]
        return AppriseChannel(name, writer, services)


class AppriseChannel:
    """Sends messages to services; one that took a message is not sent it again with the others."""

    def __init__(self, name: str, writer: Writer, services: "list[Apprise]") -> None:
        self.name = name
        self._writer = writer
        self._services = services
        self._taken: tuple[str, set[int]] = ("", set())

    def prepare(self) -> None:
        """Read the templates."""
        self._writer.prepare(with_html=False)

    def payload(self, notice: Notice) -> str:
        """Title, body and type, as JSON."""
        message = self._writer.message(notice)
        kind = _TYPES[gravest(notice.firing)] if notice.firing else "success"
        return json.dumps({"title": message.title, "body": message.text, "type": kind})

    def send(self, notice: Notice) -> None:
        """Send it to all that did not take it yet. Raises: ChannelError."""
        self.send_again(self.payload(notice))

    def send_again(self, payload: str) -> None:
        """Send what `payload` made to all that did not take it yet. Raises: ChannelError."""
        if self._taken[0] != payload:
            self._taken = (payload, set())
        taken, message = self._taken[1], json.loads(payload)
        errors = {}
        for place, service in enumerate(self._services):
            if place not in taken:
                error = _error(service, message)
                if error is None:
                    taken.add(place)
                else:
                    errors[place] = error
        if errors:
            raise self._failed(errors)
        self._taken = ("", set())

    def close(self) -> None:
        """There is nothing to release."""

    def _failed(self, errors: dict[int, ChannelError]) -> ChannelError:
        """One error for all: it is final where no service may take it later."""
        said = "; ".join(f"urls[{place}]: {error.message}" for place, error in errors.items())
        return ChannelError(said, is_final=all(error.is_final for error in errors.values()))


def _service(url: str, timeout_seconds: float, place: int) -> "Apprise":
    with warnings.catch_warnings():
        # It looks for modules that Python will have no more.
        warnings.simplefilter("ignore")
        import apprise

        asset = apprise.AppriseAsset(
            app_id="LLM Analytics Hub", http_redirects=False, async_mode=False,
            secure_logging=True, storage_mode="memory", service_timeout=timeout_seconds,
            language="en",
        )  # fmt: skip
        _keep_quiet(logging.getLogger("apprise"))
        service = apprise.Apprise(asset=asset)
        if not service.add(url):
            raise SettingsError(f"urls[{place}]: apprise knows no such service, or it lacks a part")
    return service


def _keep_quiet(logger: logging.Logger) -> None:
    """Nothing on stderr, where hosts and answers would stand; results still have their warnings."""
    logger.setLevel(logging.WARNING)
    logger.propagate = False
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())


def _error(service: "Apprise", message: dict[str, str]) -> ChannelError | None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        result = service.notify(
            body=message["body"], title=message["title"], notify_type=message["type"],
            body_format="text",
        )  # fmt: skip
    return None if result else _told(result)


def _told(result: "AppriseResult") -> ChannelError:
    """What is known of a failure: which kind of service, and its status if it answered with one."""
    name = next((one.name for one in result), "service")
    statuses = [
        int(found) for found in _STATUS.findall(str([entry.message for entry in result.logs()]))
    ]
    if not statuses:
        return ChannelError(f"{name} did not take it")
    status = statuses[-1]
    is_final = 300 <= status < 500 and status not in PASSING
    return ChannelError(f"{name} answered with status {status}", is_final=is_final)
