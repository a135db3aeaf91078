"""RabbitMQ, the parts without a server: what settings come to, and batches in order."""

import asyncio
from typing import Any

import pytest
from pika.exceptions import ChannelClosedByBroker, StreamLostError
from pika.spec import Basic, BasicProperties
from pydantic import ValidationError

from llm_analytics_hub.connectors.rabbitmq import RabbitMqSettings
from llm_analytics_hub.connectors.rabbitmq_inbox import Inbox
from llm_analytics_hub.connectors.rabbitmq_queue import in_words
from llm_analytics_hub.errors import UnavailableError

WRITTEN = 1_763_546_420


def chosen(module: str = "sentinel", **more: Any) -> RabbitMqSettings:
    return RabbitMqSettings.model_validate({"module": module, **more})


def deliver(inbox: Inbox, *tags: int, **properties: Any) -> None:
    for tag in tags:
        delivery = Basic.Deliver("consumer", tag, False, "sentinel.alerts", "alert.high")
        inbox.take(None, delivery, BasicProperties(**properties), b"%d" % tag)


async def tags(inbox: Inbox) -> list[int]:
    return [one.tag for one in await inbox.batch()]


def test_what_is_left_out_is_as_sentinel_has_it() -> None:
    bound = chosen().bound
    assert (bound.exchange, bound.keys) == ("sentinel.alerts", ("alert.*",))
    assert bound.queue == "analytics-hub.sentinel"
    assert bound.arguments == {"x-queue-type": "classic"}


def test_what_is_set_comes_before() -> None:
    more = {"exchange": "incidents", "routing_keys": ["alert.critical"], "queue": "q"}
    bound = chosen(**more, queue_type="quorum").bound
    assert (bound.exchange, bound.keys, bound.queue) == ("incidents", ("alert.critical",), "q")
    assert bound.arguments["x-queue-type"] == "quorum"
    assert bound.arguments["x-delivery-limit"] > 1_000_000


def test_two_tenants_do_not_share_a_queue_by_default() -> None:
    assert chosen(tenant="acme").bound.queue != chosen().bound.queue


@pytest.mark.parametrize(
    ("module", "more", "missing"),
    [
        ("registry", {}, "exchange"),
        ("costops", {"exchange": "costs"}, "routing_keys"),
        ("sentinel", {"url": "http://mq/"}, "amqp://"),
        ("sentinel", {"url": "amqp:///vhost"}, "amqp://"),
        ("sentinel", {"url": "amqp://me@mq/"}, "user and password"),
    ],
)
def test_a_setting_that_is_missing_is_named(
    module: str, more: dict[str, Any], missing: str
) -> None:
    with pytest.raises(ValidationError, match=missing):
        chosen(module, **more)


@pytest.mark.parametrize(
    ("url", "remote"),
    [
        ("amqp://me:geheim@mq.example/prod", "mq.example:5672"),
        ("amqps://me:geheim@mq.example", "mq.example:5671"),
        ("amqp://me:geheim@mq.example:5673/", "mq.example:5673"),
    ],
)
def test_the_remote_has_a_port_and_no_secret(url: str, remote: str) -> None:
    settings = chosen(url=url)
    assert settings.remote == remote
    assert "geheim" not in repr(settings)


async def test_a_message_has_its_routing_key_content_type_and_time() -> None:
    inbox = Inbox(10)
    deliver(inbox, 1, content_type="text/csv", timestamp=WRITTEN)
    deliver(inbox, 2)
    first, second = await inbox.batch()
    assert (first.payload.content_type, first.payload.subject) == ("text/csv", "alert.high")
    assert (first.written_at, second.written_at) == (WRITTEN, None)
    assert second.payload.content_type == "application/json"


async def test_batches_keep_the_order_and_their_size() -> None:
    inbox = Inbox(3)
    deliver(inbox, *range(1, 8))
    assert [await tags(inbox), await tags(inbox), await tags(inbox)] == [[1, 2, 3], [4, 5, 6], [7]]


async def test_a_thread_may_fill_what_the_loop_empties() -> None:
    inbox = Inbox(7)
    filling = asyncio.create_task(asyncio.to_thread(deliver, inbox, *range(20_000)))
    found: list[int] = []
    async with asyncio.timeout(60):
        while len(found) < 20_000:
            found += await tags(inbox)
    await filling
    assert found == list(range(20_000))


async def test_a_lone_message_is_given_at_once() -> None:
    inbox = Inbox(1000)
    waiting = asyncio.create_task(tags(inbox))
    await asyncio.sleep(0)  # until it waits
    deliver(inbox, 1)
    async with asyncio.timeout(60):
        assert await waiting == [1]


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (ChannelClosedByBroker(406, "inequivalent arg 'x-queue-type'"), "set `queue_type` .*inequ"),
        (ChannelClosedByBroker(403, "refused"), "the permissions configure"),
        (ChannelClosedByBroker(404, "no queue"), "is gone: no queue"),
        (ChannelClosedByBroker(405, "locked"), "name another `queue`"),
        (StreamLostError("Stream connection lost: ConnectionResetError(104)"), "^no connection"),
        (ConnectionRefusedError(111, "Connection refused"), "^no connection.*: Connection refused"),
    ],
)
def test_a_refusal_is_told_in_words(error: Exception, told: str) -> None:
    with pytest.raises(UnavailableError, match=told), in_words(chosen().bound):
        raise error


def test_what_is_no_matter_of_the_server_stays_as_it_is() -> None:
    with pytest.raises(KeyError), in_words(chosen().bound):
        raise KeyError("ours")
