"""The account of an import: a progress bar while it runs, what became of the rows at its end."""

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from llm_analytics_hub.cli.imports.run import Tally
from llm_analytics_hub.cli.output import printable


class _Rows(ProgressColumn):
    """Rows so far, and rows a second."""

    def render(self, task: Task) -> Text:
        return Text(f"{task.completed:,.0f} rows, {task.speed or 0:,.0f}/s")


def progress(console: Console, *, quiet: bool) -> Progress:
    """A bar for one import; none where nobody looks."""
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        _Rows(),
        TimeRemainingColumn(),
    )
    return Progress(
        *columns, console=console, transient=True, disable=quiet or not console.is_terminal
    )


def account(name: str, tally: Tally, *, finished: bool) -> str:
    """What became of the rows of a file, refusals by code with the first few examples."""
    counts = {
        "accepted": tally.accepted,
        "duplicates": tally.duplicates,
        "refused": tally.refused.total(),
    }
    if tally.skipped:
        counts["done before"] = tally.skipped
    lines = [
        f"{printable(name)}: " + ", ".join(f"{count:,} {what}" for what, count in counts.items())
    ]
    for code, count in tally.refused.most_common():
        lines.append(f"  {count:,} {code}")
        lines += [
            f"    row {number:,}: {printable(message)}" for number, message in tally.examples[code]
        ]
    if tally.answered and not finished:
        lines.append("stopped before the end; what is counted is stored: the same command goes on")
    return "\n".join(lines) + "\n"
