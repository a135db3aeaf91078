"""One question for all rules that ask alike at a moment."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from llm_analytics_hub.alerts.detect.asking import Shape, Wanted
from llm_analytics_hub.query.body import MAX_MEASURES


@dataclass(eq=False)
class Merged:
    """A question for several: its shape, and the measures of all of them in order."""

    shape: Shape
    measures: dict[str, None] = field(default_factory=dict)

    def has_room(self, measures: Iterable[str]) -> bool:
        """Whether it may ask for these, too."""
        return len(self.measures.keys() | set(measures)) <= MAX_MEASURES


def merged(wanted: Iterable[Wanted]) -> Mapping[Wanted, Merged]:
    """The question that answers each `Wanted`: as few as can be, of `MAX_MEASURES` at most.

    What one `Wanted` asks for stays together: more than `MAX_MEASURES` of it is too much, which the
    answer will tell.
    """
    by_shape: dict[Shape, list[Merged]] = {}
    found: dict[Wanted, Merged] = {}
    for one in dict.fromkeys(wanted):
        questions = by_shape.setdefault(one.shape, [])
        question = next((other for other in questions if other.has_room(one.measures)), None)
        if question is None:
            question = Merged(one.shape)
            questions.append(question)
        question.measures.update(dict.fromkeys(one.measures))
        found[one] = question
    return found
