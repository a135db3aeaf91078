"""Files of rules: every fault of every file is told with its line."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_analytics_hub.alerts.rules.faults import InvalidRuleError
from llm_analytics_hub.alerts.rules.files import (
    LARGEST_FILE_BYTES,
    parse_documents,
    read_rules,
    read_text,
)
from llm_analytics_hub.errors import InvalidInputError
from llm_analytics_hub.model.alerts.rule import CompoundCondition, Rule

GOOD = """\
tenant: acme
rules:
  - {name: slow, kind: threshold, measure: latency_ms_p95, warning: {above: 500ms}}
  - name: bad-deploy
    kind: compound
    when: {any: [slow]}
    on: [model]
budgets:
  - {name: team-a, amount: 500 USD, period: month}
"""

BAD = """\
rules:
  - {name: slow, kind: threshold, measure: latency_ms_p95, warning: {above: 5%}}
  - name: odd
    kind: anomaly
    measure: requests
    warning:
      score: 4
    window: 90s
    colour: red
  - kind: match
  - 17
budgets:
  - name: slow
    amount: much
    period: month
"""


def test_a_file_is_read_with_its_tenant(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(GOOD)
    filed = parse_documents(read_rules(tmp_path))
    assert [(one.given.name, one.tenant) for one in filed] == [
        ("slow", "acme"), ("bad-deploy", "acme"), ("team-a", "acme"),
    ]  # fmt: skip
    assert [one.document.source for one in filed] == [
        f"{tmp_path}/a.yaml:{line}" for line in (3, 4, 9)
    ]


def test_the_word_on_is_no_boolean_here() -> None:
    found = [one.given for one in parse_documents(read_text(GOOD, "a.yaml"))]
    compound = found[1]
    assert isinstance(compound, Rule)
    assert isinstance(compound.condition, CompoundCondition)
    assert compound.condition.on == ("model",)


def test_all_faults_of_a_file_are_told_with_their_lines() -> None:
    with pytest.raises(InvalidRuleError) as caught:
        parse_documents(read_text(BAD, "a.yaml"))
    told = caught.value.message.splitlines()
    starts = [
        'a.yaml:2: rule "slow": warning: ', 'a.yaml:8: rule "odd": window: ',
        'a.yaml:9: rule "odd": colour: ', 'a.yaml:10: rule "?": name: ',
        'a.yaml:10: rule "?": where: ', 'a.yaml:11: rule "?": ', 'a.yaml:14: budget "slow": amount: ',
    ]  # fmt: skip
    assert len(told) == len(starts)
    assert all(line.startswith(start) for line, start in zip(told, starts, strict=True)), told


def test_faults_of_all_files_of_a_folder_are_told(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("rules: [}")
    (tmp_path / "b.yml").write_text("rules: 5\ncolours: []\n")
    (tmp_path / "c.txt").write_text("{")
    (tmp_path / "d.yaml").write_bytes(b"\xff\xfe\xff")
    (tmp_path / "e.yaml").write_text("# nothing\n")
    (tmp_path / "f.yaml").write_text(" " * (LARGEST_FILE_BYTES + 1))
    with pytest.raises(InvalidRuleError) as caught:
        read_rules(tmp_path)
    told = caught.value.message.splitlines()
    places = [line.removeprefix(f"{tmp_path}/")[:8] for line in told]
    assert places == ["a.yaml:1", "b.yml:1:", "b.yml:2:", "d.yaml: ", "f.yaml: "]


def test_a_name_that_is_there_twice_is_refused() -> None:
    again = GOOD + "  - {name: slow, amount: 500 USD, period: month}\n"
    with pytest.raises(InvalidRuleError, match=r'a.yaml:10: budget "slow": name: is at a.yaml:3'):
        parse_documents(read_text(again, "a.yaml"))
    with pytest.raises(InvalidRuleError, match=r"a.yaml:2: 'rules' is there twice"):
        read_text("rules: []\nrules: []\n", "a.yaml")


def test_few_aliases_that_stand_for_many_parts_are_refused() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    for text in ("\n".join(lines), "rules: &a [*a]", "[" * 5000, "{" * 5000):
        with pytest.raises(InvalidRuleError, match=r"^a.yaml:\d+: "):
            read_text(text, "a.yaml")


@given(st.text("rules:-[]{}&*a!%@`'\"\n ,?|>#0.e~<", max_size=60))
def test_no_text_whatever_raises_anything_else(text: str) -> None:
    for start in ("", "rules:\n  - "):
        try:
            parse_documents(read_text(start + text, "a.yaml"))
        except InvalidInputError:
            continue
