"""Rules or budgets, as the routes of both answer with them."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from fastapi import Request
from starlette.responses import Response

from llm_analytics_hub.api.alerts.door import AlertDoor
from llm_analytics_hub.api.body import tenant_of
from llm_analytics_hub.api.disconnect import while_connected
from llm_analytics_hub.api.queries import as_json
from llm_analytics_hub.model.alerts.definition import DefinitionKind
from llm_analytics_hub.storage.cancellation import Cancellation

if TYPE_CHECKING:
    from llm_analytics_hub.alerts.rules.entry import Entry
    from llm_analytics_hub.api.alerts.work.desks import Desks

Show = Callable[["Desks", "Sequence[Entry]", Cancellation], list[Any]]


class Kept:
    """Rules or budgets, and how they are shown."""

    def __init__(self, door: AlertDoor, kind: DefinitionKind, show: Show) -> None:
        self.door, self.kind, self._show = door, kind, show

    async def answer(self, request: Request, work: "Callable[[Desks, str], Entry]") -> Response:
        """What `work` does to one, as it is then, with its version as ETag."""
        tenant = tenant_of(request)

        def done(gone: Cancellation) -> Response:
            entry = work(self.door.desks, tenant)
            answer = as_json(self._show(self.door.desks, [entry], gone)[0])
            answer.headers["ETag"] = f'"{entry.version}"'
            return answer

        return await while_connected(request, done)

    async def page(
        self,
        request: Request,
        member: str,
        limit: int,
        cursor: str | None,
        of_kind: str | None,
        contains: str,
    ) -> Response:
        """A page of them."""
        tenant = tenant_of(request)

        def done(gone: Cancellation) -> Response:
            desks = self.door.desks
            found, after = desks.definitions.page(
                tenant, self.kind, limit, cursor, of_kind, contains
            )
            return as_json({member: self._show(desks, found, gone), "next_cursor": after})

        return await while_connected(request, done)


def show_rules(desks: "Desks", entries: "Sequence[Entry]", _: Cancellation) -> list[Any]:
    """Rules as JSON."""
    active = desks.definitions.active(entries[0].rule.tenant) if entries else None
    return [desks.definitions.shown(one, active) for one in entries]


def show_budgets(desks: "Desks", entries: "Sequence[Entry]", gone: Cancellation) -> list[Any]:
    """Budgets as JSON, with what is spent."""
    return desks.budgets.shown(entries, gone)
