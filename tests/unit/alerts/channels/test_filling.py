"""Templates are filled in, and none can run for ever, grow without end or reach the process."""

import threading
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_analytics_hub.alerts.channels.filling import check_template, read_template
from llm_analytics_hub.alerts.channels.template_faults import TemplateFaultError

VALUES = {
    "labels": {"model": "gpt-4o", "team": "<b>"}, "value": "1.2 s", "number": 1234.5,
    "firing": [{"labels": {"model": "a"}}, {"labels": {"model": "b"}}],
}  # fmt: skip
DIGITS = "'0123456789012345678901234567890123456789'"
CUBE = (
    f"{{% for a in {DIGITS} %}}{{% for b in {DIGITS} %}}{{% for c in {DIGITS} %}}"
    "{% endfor %}{% endfor %}{% endfor %}"
)
DOUBLED = "{% set a = 'xxxxxxxxxx' %}" + "{% set a = a ~ a %}" * 100 + "{{ a }}"


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("plain", "plain"),
        ("{{ labels.model }} at {{ value }}", "gpt-4o at 1.2 s"),
        ("{{ labels['model']|upper }}", "GPT-4O"),
        ("{{ labels.nothing }}", ""),
        ("{{ labels.nothing|default('none') }}", "none"),
        ("{{ number|humanise('ms') }}", "1.23 s"),
        ("{{ (number / 1000)|round(1) }}", "1.2"),
        ("{{ 'a' ~ labels.model }}", "agpt-4o"),
        ("{% for one in firing %}{{ one.labels.model }}{% if not loop.last %}, {% endif %}{% endfor %}", "a, b"),
        ("{% for k, v in labels|dictsort %}{{ k }}={{ v }} {% endfor %}", "model=gpt-4o team=<b> "),
        ("{{ ['x', 'y']|join('-') }}", "x-y"),
    ],
)  # fmt: skip
def test_what_is_asked_for_is_filled_in(source: str, text: str) -> None:
    assert read_template(source).fill(VALUES) == text


def test_html_is_escaped() -> None:
    assert (
        read_template("<i>{{ labels.team }}</i>", is_html=True).fill(VALUES) == "<i>&lt;b&gt;</i>"
    )


@pytest.mark.parametrize(
    "source",
    [
        "{{ range(10) }}",
        "{{ labels.items() }}",
        "{{ 'x'.ljust(999999999) }}",
        "{% macro f() %}{{ f() }}{% endmacro %}",
        "{% for a in labels recursive %}{{ loop(labels) }}{% endfor %}",
        "{% include 'a' %}",
        "{% import 'a' as b %}",
        "{% set a %}{{ a }}{% endset %}",
        "{{ 9 ** 9 ** 9 }}",
        "{{ 'x'|center(999999999) }}",
        "{{ 'x'|_counted }}",
        "{{ '%0999999999d'|format(1) }}",
        "{{ labels|map('upper') }}",
        "{{ '<b>'|safe }}",
        "{{ " + "not " * 3000 + "1 }}",
        "{% for a in labels %}" * 30 + "{% endfor %}" * 30,
        "{{ labels",
        "{% if %}",
        "x{" * 6000,
    ],
)
def test_what_could_do_harm_or_cannot_be_read_is_refused(source: str) -> None:
    with pytest.raises(TemplateFaultError):
        check_template(source, VALUES)
    with pytest.raises(TemplateFaultError):
        read_template(source).fill(VALUES)


@pytest.mark.parametrize(
    "source",
    [
        DOUBLED,
        CUBE,
        f"{{% for a in {DIGITS} %}}{{% for b in {DIGITS} %}}{'x' * 100}{{% endfor %}}{{% endfor %}}",
        "{% set a = [1] %}{% set a = [a, a] %}",
        "{{ ('x', ('y', 'z')) }}",
        "{{ 'x' * 999999999 }}",
        "{{ '%0999999999d' % 1 }}",
        "{{ labels.model + 1 }}",
        "{{ 1 / 0 }}",
        "{{ labels['__class__'].__mro__ }}",
        "{{ nothing.at.all }}",
        "{% set a = 'x'|replace('x', "
        + DIGITS
        + ") %}"
        + f"{{% set a = a|replace('0', {DIGITS})|replace('1', {DIGITS})|replace('2', {DIGITS})"
        f"|replace('3', {DIGITS})|replace('4', {DIGITS})|replace('5', {DIGITS}) %}}",
    ],
)
def test_what_grows_or_goes_wrong_ends_with_an_error(source: str) -> None:
    with pytest.raises(TemplateFaultError):
        read_template(source).fill(VALUES)


def test_a_template_cannot_give_itself_more_steps() -> None:
    source = (
        f"{{% set _steps = labels %}}{{% for a in {DIGITS} %}}{{% for b in {DIGITS} %}}"
        f"{{% for c in {DIGITS} %}}{{% set _steps = 1 %}}{{% endfor %}}{{% endfor %}}{{% endfor %}}"
    )
    with pytest.raises(TemplateFaultError, match="rounds"):
        read_template(source).fill(VALUES)


def test_a_name_that_is_not_given_is_refused_with_those_that_are() -> None:
    with pytest.raises(TemplateFaultError, match=r"has lables, vlaue; there are .*labels"):
        check_template("{{ vlaue }} {{ lables.model }}", VALUES)
    check_template("{% set own = value %}{{ own }}", VALUES)


def test_the_line_of_a_fault_is_told() -> None:
    with pytest.raises(TemplateFaultError, match="line 3"):
        check_template("a\nb\n{{ range(3) }}", VALUES)


def test_many_threads_fill_one_template() -> None:
    template = read_template("{% for a in firing %}{{ a.labels.model }}{% endfor %}{{ mine }}")
    found: list[str] = []

    def fill(mine: int) -> None:
        found.extend(template.fill({**VALUES, "mine": mine}) for _ in range(50))

    threads = [threading.Thread(target=fill, args=(mine,)) for mine in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == sorted(f"ab{mine}" for mine in range(4) for _ in range(50))


@given(st.text("{}%|~'+*()[]abc.,0-9 labelsfirvu\n", max_size=80))
def test_any_text_is_filled_in_or_refused(source: str) -> None:
    with suppress(TemplateFaultError):
        assert isinstance(read_template(source).fill(VALUES), str)
