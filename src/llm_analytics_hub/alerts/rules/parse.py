"""The body of a rule or budget, as JSON, to a checked `Rule`."""

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import ValidationError

from llm_analytics_hub.alerts.rules.budget import BudgetForm
from llm_analytics_hub.alerts.rules.burning import BurnRateForm
from llm_analytics_hub.alerts.rules.combining import CompoundForm
from llm_analytics_hub.alerts.rules.events import AbsenceForm, MatchForm
from llm_analytics_hub.alerts.rules.faults import Fault, InvalidRuleError, faults_of
from llm_analytics_hub.alerts.rules.fields import TRUSTED
from llm_analytics_hub.alerts.rules.form import ANNOTATIONS, RuleForm
from llm_analytics_hub.alerts.rules.json_form import plain
from llm_analytics_hub.alerts.rules.own_health import HealthForm
from llm_analytics_hub.alerts.rules.series import AnomalyForm, ForecastForm
from llm_analytics_hub.alerts.rules.switch import Switch, SwitchForm
from llm_analytics_hub.alerts.rules.watching import ChangeForm, ThresholdForm
from llm_analytics_hub.model.alerts.rule import Rule

FORMS: Mapping[str, type[RuleForm]] = {
    "match": MatchForm,
    "threshold": ThresholdForm,
    "change": ChangeForm,
    "anomaly": AnomalyForm,
    "forecast": ForecastForm,
    "burn_rate": BurnRateForm,
    "absence": AbsenceForm,
    "health": HealthForm,
    "compound": CompoundForm,
}
"""The kinds of rules."""

SWITCH = "default"
"""The kind of a body that changes nothing of a default but whether it works."""

Form = TypeVar("Form", RuleForm, SwitchForm)


def parse_rule(
    body: Mapping[str, Any], *, tenant: str, version: int = 0, is_default: bool = False
) -> Rule:
    """The rule of a JSON body. Raises: InvalidRuleError that names every fault."""
    given = plain(body)
    kind = given.get("kind")
    if not isinstance(kind, str) or kind not in FORMS:
        known = ", ".join(FORMS)
        said = "is needed" if "kind" not in given else f"no kind {kind!r:.40}"
        raise InvalidRuleError([Fault("kind", f"{said}; there are {known}")])
    # What has a version was checked before it was stored; what is shipped is checked by a test.
    form = _form(given, FORMS[kind], is_trusted=version > 0 or is_default)
    return _rule(form, tenant, version, is_default)


def parse_budget(body: Mapping[str, Any], *, tenant: str, version: int = 0) -> Rule:
    """The budget of a JSON body, as a rule of kind `budget`. Raises: InvalidRuleError."""
    form = _form(plain(body), BudgetForm, is_trusted=version > 0)
    return _rule(form, tenant, version, is_default=False)


def parse_switch(body: Mapping[str, Any]) -> Switch:
    """Whether a default works, of a body of kind `default`. Raises: InvalidRuleError."""
    form = _form(plain(body), SwitchForm, is_trusted=False)
    return Switch(form.name, form.off, form.paused)


def _form(given: dict[str, Any], form: type[Form], *, is_trusted: bool) -> Form:
    try:
        return form.model_validate(given, context={TRUSTED: is_trusted})
    except ValidationError as error:
        raise InvalidRuleError(faults_of(error, form)) from error


def _rule(form: RuleForm, tenant: str, version: int, is_default: bool) -> Rule:
    texts = ((name, getattr(form, name)) for name in ANNOTATIONS)
    return Rule(
        tenant=tenant,
        name=form.name,
        version=version,
        kind=form.kind,
        condition=form.condition(),
        labels=form.labels,
        annotations=tuple(sorted((name, text) for name, text in texts if text)),
        is_paused=form.paused,
        is_default=is_default,
        **form.timing(),
    )
