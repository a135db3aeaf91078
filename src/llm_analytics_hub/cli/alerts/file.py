"""A file of rules on its way to a hub: what is in it, and where a fault of it stands."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from llm_analytics_hub.errors import InvalidInputError

if TYPE_CHECKING:
    from llm_analytics_hub.alerts.rules.files import RuleDocument

File = Annotated[
    Path, typer.Argument(help="A YAML file of rules, or a folder of them.", show_default=False)
]


class RuleFile:
    """What a file, or a folder of them, gives a tenant."""

    def __init__(self, path: Path, tenant: str) -> None:
        """Raises: InvalidInputError that tells each fault of the YAML: `file:line: what to do`."""
        # Imported late: the other commands start without all kinds of rules.
        from llm_analytics_hub.alerts.rules.files import read_rules

        if not path.exists():
            raise InvalidInputError(f"there is no file {path}")
        self._lists: dict[str, list[RuleDocument]] = {"rules": [], "budgets": []}
        for document in read_rules(path):
            _check_tenant(document, tenant)
            self._lists[f"{document.kind}s"].append(document)
        if not any(self._lists.values()):
            raise InvalidInputError(f"there are no rules and no budgets in {path}")

    @property
    def body(self) -> dict[str, Any]:
        """Rules and budgets as the hub takes them."""
        return {name: [one.body for one in found] for name, found in self._lists.items()}

    def faults(self, told: Iterable[Mapping[str, Any]]) -> InvalidInputError:
        """The hub's faults as an error with the place of each."""
        lines = [self._line(fault) for fault in told]
        return InvalidInputError("\n".join(lines), code="invalid_rule")

    def _line(self, fault: Mapping[str, Any]) -> str:
        document = self._lists[fault["list"]][fault["index"]]
        place, word = document.at(fault["field"]), document.kind.value
        field = f"{fault['field']}: " if fault["field"] else ""
        return f'{place}: {word} "{document.name}": {field}{fault["message"]}'


def _check_tenant(document: "RuleDocument", tenant: str) -> None:
    if document.tenant not in ("default", tenant):
        text = f"{document.source}: this is of the tenant {document.tenant}"
        raise InvalidInputError(f"{text}: say --tenant {document.tenant}")
