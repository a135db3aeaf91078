"""Files of rules: YAML with `rules` and `budgets`, read with the line of every fault."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from llm_analytics_hub.alerts.rules.faults import Fault, InvalidRuleError
from llm_analytics_hub.alerts.rules.given import Given, parse_given
from llm_analytics_hub.alerts.rules.yaml_places import Lines, YamlError, read_yaml
from llm_analytics_hub.model.alerts.definition import DefinitionKind

LARGEST_FILE_BYTES = 8 * 1024 * 1024
_LISTS = {"rules": DefinitionKind.RULE, "budgets": DefinitionKind.BUDGET}
DEFAULT_TENANT = "default"


@dataclass(frozen=True)
class RuleDocument:
    """One rule or budget as it stands in a file of a tenant's."""

    kind: DefinitionKind
    tenant: str
    body: Any
    file: str
    place: str
    lines: Lines

    @property
    def name(self) -> str:
        """What it says it is called."""
        said = self.body.get("name") if isinstance(self.body, Mapping) else None
        return said[:80] if isinstance(said, str) else "?"

    @property
    def source(self) -> str:
        """Where it begins: file:line."""
        return self.at("")

    def at(self, field: str) -> str:
        """The file and line of a member, or of what is nearest around it."""
        path = f"{self.place}.{field}" if field else self.place
        while path not in self.lines:
            path = path.rpartition(".")[0]
        return f"{self.file}:{self.lines[path]}"

    def told(self, fault: Fault) -> Fault:
        """A fault of this rule with its place in the file."""
        word = "budget" if self.kind is DefinitionKind.BUDGET else "rule"
        return Fault("", f'{self.at(fault.field)}: {word} "{self.name}": {fault}')


@dataclass(frozen=True)
class Filed:
    """A rule, budget or switch that a file gives."""

    given: Given
    kind: DefinitionKind
    tenant: str
    document: RuleDocument


def read_rules(path: Path) -> list[RuleDocument]:
    """The rules and budgets of a file, or of all YAML files of a folder, in the order of names.

    Raises: InvalidRuleError that tells every file's fault: `file:line: what to do`.
    """
    if path.is_dir():
        found = sorted(one for one in path.iterdir() if one.suffix in (".yaml", ".yml"))
    else:
        found = [path]
    documents: list[RuleDocument] = []
    faults: list[Fault] = []
    for file in found:
        try:
            documents += _documents(_text(file), str(file))
        except InvalidRuleError as error:
            faults += error.faults
    _raise(faults)
    return documents


def parse_documents(documents: Iterable[RuleDocument]) -> list[Filed]:
    """What they give, checked one by one. Raises: InvalidRuleError that tells all their faults."""
    found: dict[tuple[str, str], Filed] = {}
    faults: list[Fault] = []
    for document in documents:
        try:
            given = parse_given(document.body, document.kind, tenant=document.tenant)
        except InvalidRuleError as error:
            faults += map(document.told, error.faults)
            continue
        key = (document.tenant, given.name)
        if key in found:
            text = f"is at {found[key].document.source}, too: give it another name"
            faults.append(document.told(Fault("name", text)))
        found[key] = Filed(given, document.kind, document.tenant, document)
    _raise(faults)
    return list(found.values())


def read_text(text: str, file: str) -> list[RuleDocument]:
    """The rules and budgets of a text that is called `file`. Raises: InvalidRuleError."""
    return _documents(text, file)


def _documents(text: str, file: str) -> list[RuleDocument]:
    try:
        read, lines = read_yaml(text)
    except YamlError as error:
        raise InvalidRuleError([Fault("", f"{file}:{error.line}: {error.message}")]) from error
    if read is None:
        return []
    if not isinstance(read, Mapping):
        raise InvalidRuleError([Fault("", f"{file}:1: is an object of rules and budgets")])
    _check_members(read, lines, file)
    tenant = read.get("tenant", DEFAULT_TENANT)
    return [
        RuleDocument(kind, tenant, body, file, f"{name}.{at}", lines)
        for name, kind in _LISTS.items()
        for at, body in enumerate(read.get(name) or ())
    ]


def _check_members(read: Mapping[str, Any], lines: Lines, file: str) -> None:
    faults = []
    for name, value in read.items():
        line = f"{file}:{lines[name]}: {name!s:.80}"
        if name == "tenant":
            if not isinstance(value, str) or not value:
                faults.append(Fault("", f"{line}: is a text: put it in quotes"))
        elif name not in _LISTS:
            faults.append(
                Fault("", f"{line}: there is no such member; there are rules, budgets, tenant")
            )
        elif not isinstance(value, list | None):
            faults.append(Fault("", f"{line}: is a list of them, each after a dash"))
    _raise(faults)


def _text(file: Path) -> str:
    try:
        if file.stat().st_size > LARGEST_FILE_BYTES:
            text = f"is larger than {LARGEST_FILE_BYTES:,} bytes: make several of it"
            raise InvalidRuleError([Fault("", f"{file}: {text}")])
        return file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidRuleError([Fault("", f"{file}: cannot be read: {error}")]) from error


def _raise(faults: Sequence[Fault]) -> None:
    if faults:
        raise InvalidRuleError(faults, between="\n")
