"""The book of rules: shipped, from files and from people, of each tenant."""

import json
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.unit.alerts.rules.bodies import BUDGET, rule

from llm_analytics_hub.alerts.rules.book import RuleBook
from llm_analytics_hub.alerts.rules.faults import InvalidRuleError
from llm_analytics_hub.alerts.rules.shipped import shipped_rules
from llm_analytics_hub.clock import ManualClock
from llm_analytics_hub.errors import ConflictError, NotFoundError
from llm_analytics_hub.model.alerts.definition import Definition, DefinitionKind
from llm_analytics_hub.model.alerts.levels import Level
from llm_analytics_hub.model.alerts.rule import Rule
from llm_analytics_hub.storage.alert_store import AlertStore
from llm_analytics_hub.storage.memory_alerts import MemoryAlertStore

NOW = datetime(2025, 11, 19, 10, tzinfo=UTC)
FILE = """\
tenant: acme
rules:
  - {name: slow, kind: threshold, measure: latency_ms_p95, warning: {above: 500ms}}
  - {name: cost-jump, kind: default, off: true}
  - {name: both, kind: compound, when: {all: [slow, security-high]}}
"""


@pytest.fixture
def store() -> AlertStore:
    return MemoryAlertStore()


def opened(store: AlertStore, *files: Path, tenants: tuple[str, ...] = ("t",)) -> RuleBook:
    return RuleBook(store, files, ManualClock(NOW), lambda: tenants)


@pytest.fixture
def book(store: AlertStore) -> RuleBook:
    return opened(store)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "acme.yaml").write_text(FILE)
    return tmp_path / "acme.yaml"


def names(book: RuleBook, tenant: str | None = None) -> set[str]:
    return {one.name for one in book.rules(tenant)}


def test_every_tenant_has_the_shipped_rules(book: RuleBook) -> None:
    assert {one.tenant for one in book.rules()} == {"default", "t"}
    assert names(book, "t") == shipped_rules("t").keys()
    assert names(book, "nobody-named-it") == shipped_rules("x").keys()


def test_a_rule_that_was_put_is_there_and_stored(store: AlertStore, book: RuleBook) -> None:
    entry = book.put("t", rule("slow"), "ann")
    assert (entry.source, entry.version, entry.rule.version) == ("api", 1, 1)
    assert book.rule("t", "slow") == entry.rule
    (stored,) = store.definitions(DefinitionKind.RULE)
    assert (stored.tenant, stored.by, stored.at) == ("t", "ann", NOW)
    assert json.loads(stored.body or "")["critical"] == {"above": "1000 ms"}
    assert opened(store).rule("t", "slow") == entry.rule
    with pytest.raises(NotFoundError):
        book.rule("default", "slow")


def test_a_change_is_a_new_version_and_the_same_again_is_none(book: RuleBook) -> None:
    book.put("t", rule("slow"), "ann")
    assert book.put("t", rule("slow", critical={"above": "1000ms"}), "bob").version == 1
    assert book.put("t", rule("slow", critical=None), "bob", expected=1).version == 2
    assert [one.by for one in book.versions("t", "slow")] == ["bob", "ann"]
    with pytest.raises(ConflictError):
        book.put("t", rule("slow"), "eve", expected=1)
    assert len(book.rule("t", "slow").condition.thresholds) == 1  # type: ignore[union-attr]


def test_a_rule_that_was_removed_is_gone(store: AlertStore, book: RuleBook) -> None:
    book.put("t", rule("slow"), "ann")
    book.remove("t", "slow", "ann", expected=1)
    assert "slow" not in names(book, "t")
    assert "slow" not in names(opened(store), "t")
    with pytest.raises(NotFoundError):
        book.remove("t", "slow", "ann")


def test_a_default_is_switched_off_paused_replaced_and_back(
    store: AlertStore, book: RuleBook
) -> None:
    book.put("t", {"name": "cost-jump", "kind": "default", "off": True}, "ann")
    assert "cost-jump" not in names(book, "t")
    assert "cost-jump" in names(book, "default")
    assert book.entry("t", "cost-jump").is_off
    assert "cost-jump" not in names(opened(store), "t")
    book.put("t", rule("slow", name="cost-jump"), "ann")
    assert book.rule("t", "cost-jump").kind == "threshold"
    book.remove("t", "cost-jump", "ann")
    assert book.rule("t", "cost-jump").is_default
    assert book.pause("t", "cost-jump", "ann").rule.is_paused
    assert not book.pause("t", "cost-jump", "ann", is_paused=False).rule.is_paused
    with pytest.raises(ConflictError, match="off: true"):
        book.remove("t", "security-high", "ann")


def test_a_default_that_is_shipped_paused_can_be_started(book: RuleBook) -> None:
    assert book.rule("default", "scale-down-cpu").is_paused
    book.pause("default", "scale-down-cpu", "ann", is_paused=False)
    assert not book.rule("default", "scale-down-cpu").is_paused


def test_a_rule_is_paused_and_goes_on(store: AlertStore, book: RuleBook) -> None:
    before = book.put("t", rule("prompt-injection"), "ann").rule
    assert book.pause("t", "prompt-injection", "ann").rule.is_paused
    assert opened(store).rule("t", "prompt-injection").is_paused
    after = book.pause("t", "prompt-injection", "ann", is_paused=False, expected=2).rule
    assert (after.condition, after.version) == (before.condition, 3)


def test_a_switch_of_no_default_is_refused(book: RuleBook) -> None:
    book.put("t", rule("slow"), "ann")
    for name in ("nothing", "slow", "hub-cpu"):
        with pytest.raises(InvalidRuleError) as caught:
            book.put("t", {"name": name, "kind": "default", "off": True}, "ann")
        assert caught.value.field == "name"


def test_budgets_share_their_names_with_rules(store: AlertStore, book: RuleBook) -> None:
    kind = DefinitionKind.BUDGET
    assert book.put("t", BUDGET, "ann", kind=kind).rule.kind == "budget"
    assert opened(store).rule("t", "team-a").kind == "budget"
    with pytest.raises(ConflictError, match="name of a budget"):
        book.put("t", rule("slow", name="team-a"), "ann")
    with pytest.raises(ConflictError, match="name of a rule"):
        book.put("t", BUDGET | {"name": "cost-jump"}, "ann", kind=kind)
    with pytest.raises(NotFoundError):
        book.remove("t", "team-a", "ann")
    book.remove("t", "team-a", "ann", kind=kind)
    assert "team-a" not in names(book, "t")


def test_a_file_gives_rules_that_only_it_changes(store: AlertStore, file: Path) -> None:
    book = opened(store, file)
    assert {"slow", "both"} <= names(book, "acme")
    assert "cost-jump" not in names(book, "acme")
    assert book.entry("acme", "slow").source == f"{file}:3"
    for change in (
        lambda: book.put("acme", rule("slow"), "ann"),
        lambda: book.remove("acme", "slow", "ann"),
        lambda: book.pause("acme", "slow", "ann"),
        lambda: book.pause("acme", "cost-jump", "ann"),
    ):
        with pytest.raises(ConflictError, match=r"acme\.yaml:\d"):
            change()
    assert store.definitions(DefinitionKind.RULE) == []


def test_faults_between_rules_of_files_are_told_with_their_lines(
    store: AlertStore, file: Path
) -> None:
    file.write_text(
        FILE.replace("security-high", "maintenance")
        + "  - {name: a, kind: compound, when: b}\n  - {name: b, kind: compound, when: {not: a}}\n"
        + "  - {name: hub-gpu, kind: default}\n"
        + "budgets:\n  - {name: security-high, amount: 5, period: day}\n"
    )
    with pytest.raises(InvalidRuleError) as caught:
        opened(store, file)
    told = [line.removeprefix(f"{file}:") for line in caught.value.message.splitlines()]
    assert [line.partition(":")[0] for line in told] == ["5", "6", "7", "8", "10"]
    assert "no rule 'maintenance'" in told[0]
    assert "made of itself" in told[1]


def test_compounds_are_of_rules_that_are_there(book: RuleBook) -> None:
    with pytest.raises(InvalidRuleError, match="no rule 'error-rate'") as caught:
        book.put("t", rule("bad-deploy"), "ann")
    assert caught.value.field == "when"
    parts = [rule(name) for name in ("error-rate", "slow", "slo", "bad-deploy")]
    assert [one.version for one in book.put_all("t", parts, "ann")] == [1] * 4
    with pytest.raises(ConflictError, match="bad-deploy"):
        book.remove("t", "slow", "ann")
    circle = rule("bad-deploy", name="slow", when={"not": "bad-deploy"})
    with pytest.raises(InvalidRuleError, match=r"made of itself: .*slow of "):
        book.put("t", circle, "ann")
    assert book.rule("t", "slow").kind == "threshold"


def test_a_default_that_others_are_made_of_stays_on(book: RuleBook) -> None:
    book.put("t", rule("bad-deploy", when={"not": "cost-jump"}), "ann")
    with pytest.raises(ConflictError, match="bad-deploy"):
        book.put("t", {"name": "cost-jump", "kind": "default", "off": True}, "ann")


def test_several_are_put_all_or_none(store: AlertStore, book: RuleBook) -> None:
    bodies = [rule("slow"), rule("slo", window="5m"), rule("cpu", metric="x"), rule("slow")]
    with pytest.raises(InvalidRuleError) as caught:
        book.put_all("t", bodies, "ann")
    assert [one.field for one in caught.value.faults] == ["1.window", "2.metric", "3.name"]
    assert store.definitions(DefinitionKind.RULE) == []


def test_who_wants_to_know_is_told_what_changed_and_what_is_gone(book: RuleBook) -> None:
    changes: list[int] = []
    gone: list[Rule] = []
    book.on_change(lambda: changes.append(len(book.rules("t"))))
    book.on_gone(gone.append)
    before = len(book.rules("t"))
    first = book.put("t", rule("slow"), "ann").rule
    book.put("t", rule("slow"), "ann")
    book.put("t", rule("slo", name="slow"), "ann")
    last = book.rule("t", "slow")
    book.remove("t", "slow", "ann")
    book.put("t", {"name": "cost-jump", "kind": "default", "off": True}, "ann")
    assert changes == [before + 1, before + 1, before, before - 1]
    assert gone == [first, last, shipped_rules("t")["cost-jump"]]


def test_a_new_tenant_is_taken_up(store: AlertStore) -> None:
    tenants = ["t"]
    book = RuleBook(store, (), ManualClock(NOW), lambda: tenants)
    changes: list[bool] = []
    book.on_change(lambda: changes.append(True))
    book.refresh()
    assert changes == []
    tenants.append("new")
    assert "new" in {one.tenant for one in book.rules()}
    book.refresh()
    book.refresh()
    assert changes == [True]


def test_what_another_process_defined_is_taken_up(store: AlertStore, book: RuleBook) -> None:
    opened(store).put("t", rule("slow"), "ann")
    assert "slow" not in names(book, "t")
    book.reload()
    assert "slow" in names(book, "t")


def test_a_definition_that_cannot_be_read_stops_nothing(store: AlertStore) -> None:
    for name, body in (("later", '{"kind": "dream", "name": "later"}'), ("broken", "{")):
        store.define([Definition("t", DefinitionKind.RULE, name, 0, body, "ann", NOW)])
    store.define([Definition("t", DefinitionKind.RULE, "b2", 0, "[1]", "ann", NOW)])
    assert names(opened(store), "t") == shipped_rules("t").keys()


def test_many_threads_put_rules_and_none_is_lost(store: AlertStore, book: RuleBook) -> None:
    def work(of: int) -> None:
        for at in range(10):
            book.put("t", rule("slow", name=f"r-{of}-{at}"), "ann")

    threads = [threading.Thread(target=work, args=(of,)) for of in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(names(book, "t") - shipped_rules("t").keys()) == 40
    assert len(store.definitions(DefinitionKind.RULE)) == 40


def test_levels_of_a_rule_survive_the_store(store: AlertStore, book: RuleBook) -> None:
    put = book.put("t", rule("odd-traffic"), "ann").rule
    again = opened(store).rule("t", "odd-traffic")
    assert again == put
    assert [one.level for one in again.condition.thresholds] == [  # type: ignore[union-attr]
        Level.CRITICAL, Level.WARNING,
    ]  # fmt: skip
