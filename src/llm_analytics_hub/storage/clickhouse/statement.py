"""Statements with bound arguments: what users sent is bound, never part of the SQL."""

from dataclasses import dataclass, field
from datetime import datetime

from llm_analytics_hub.storage.clickhouse.connect import array_literal, escape


@dataclass
class Arguments:
    """Bound values of one statement, named in order: p0, p1 and so on."""

    values: dict[str, str] = field(default_factory=dict)

    def text(self, value: str) -> str:
        """Placeholder of a text."""
        return self._bind("String", escape(value))

    def texts(self, values: tuple[str, ...]) -> str:
        """Placeholder of a list of texts."""
        return self._bind("Array(String)", array_literal(values))

    def number(self, value: float) -> str:
        """Placeholder of a number."""
        return self._bind("Float64", repr(float(value)))

    def key(self, value: int) -> str:
        """Placeholder of an event key."""
        return self._bind("UInt64", str(value))

    def keys(self, values: tuple[int, ...]) -> str:
        """Placeholder of a list of event keys."""
        return self._bind("Array(UInt64)", f"[{','.join(map(str, values))}]")

    def moment(self, value: datetime) -> str:
        """Placeholder of a moment, microseconds kept."""
        text = value.strftime("%Y-%m-%d %H:%M:%S.%f")
        return self._bind("DateTime64(6, 'UTC')", text)

    def _bind(self, kind: str, value: str) -> str:
        name = f"p{len(self.values)}"
        self.values[name] = value
        return f"{{{name}:{kind}}}"


@dataclass(frozen=True)
class Statement:
    """SQL and its arguments."""

    sql: str
    args: dict[str, str]
