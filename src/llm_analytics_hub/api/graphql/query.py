"""The root of the schema: each field asks a service that REST asks, too."""

from datetime import timedelta
from typing import Any

import strawberry
from strawberry.types import Info

from llm_analytics_hub.api.graphql import arguments as said
from llm_analytics_hub.api.graphql.answers import (
    Answer,
    Asset,
    AssetPage,
    Catalog,
    EventPage,
    Trace,
)
from llm_analytics_hub.api.graphql.arguments import From, To
from llm_analytics_hub.api.graphql.costs import BudgetList, CostData, budget_list
from llm_analytics_hub.api.graphql.fields import told_as
from llm_analytics_hub.api.graphql.inputs import QueryInput, body_of
from llm_analytics_hub.api.graphql.paging import After, First, checked, page_of
from llm_analytics_hub.api.graphql.reports import (
    ComplianceStatus,
    Extension,
    ExtensionUsage,
    Metrics,
    ViolationPage,
)
from llm_analytics_hub.api.graphql.services import Asker, Services
from llm_analytics_hub.api.integrations.period import asked_period
from llm_analytics_hub.api.integrations.spans import listed, period_of
from llm_analytics_hub.errors import NotFoundError
from llm_analytics_hub.feedback.costs import Wanted
from llm_analytics_hub.feedback.marketplace import DEFAULT_WINDOW
from llm_analytics_hub.feedback.observatory import DEFAULT_MEASURES
from llm_analytics_hub.feedback.periods import KEPT, Period
from llm_analytics_hub.query.catalog import catalog
from llm_analytics_hub.query.ranges import to_span

Asking = Info[Asker, None]

LATELY = timedelta(hours=1)


def _asked(info: Asking) -> tuple[Services, str]:
    """The services and the tenant. Raises: QueryTimeoutError once nobody waits."""
    info.context.check()
    return info.context.services, info.context.tenant


@strawberry.type(description="Questions about what was stored. There are no mutations.")
class Query:
    """The root. Every field may be null: where nothing is found, and where `errors` says why."""

    @told_as(Answer | None, "as `POST /api/v1/query`")
    def query(self, info: Asking, question: QueryInput) -> Any:  # type: ignore[valid-type]
        """The answer to a question."""
        services, tenant = _asked(info)
        answered = services.queries.answer(
            body_of(question),
            tenant=tenant,
            door="graphql",
            cancellation=info.context.cancellation,
        )
        return answered.as_json()

    @told_as(Catalog | None, "what can be asked")
    def catalog(self) -> Any:
        """The catalogue."""
        return catalog()

    @told_as(EventPage | None, "events, newest first")
    def events(
        self,
        info: Asking,
        filter: said.EventsWanted | None = None,  # noqa: A002  the documents' name
        start: From = None,
        end: To = None,
        first: First = 100,
        after: After = None,
    ) -> Any:
        """A page of events."""
        services, tenant = _asked(info)
        period = said.open_range(start, end)
        wanted = (filter or said.EventsWanted()).to_filter(tenant, period, first)
        return page_of(services.lists.page(wanted, after), "events")

    @told_as(Trace | None, "a trace; null where there is none")
    def trace(self, info: Asking, id: strawberry.ID) -> Any:  # noqa: A002
        """A trace."""
        services, tenant = _asked(info)
        try:
            return services.lists.trace(tenant, said.short(id).lower())
        except NotFoundError:
            return None

    @told_as(Asset | None, "an asset; null where there is none")
    def asset(self, info: Asking, id: strawberry.ID) -> Any:  # noqa: A002
        """An asset."""
        services, tenant = _asked(info)
        try:
            return services.assets.one(tenant, said.short(id))
        except NotFoundError:
            return None

    @told_as(AssetPage | None, "assets, by id")
    def assets(
        self,
        info: Asking,
        filter: said.AssetsWanted | None = None,  # noqa: A002
        first: First = 100,
        after: After = None,
    ) -> Any:
        """A page of assets."""
        services, tenant = _asked(info)
        wanted = (filter or said.AssetsWanted()).to_filter(tenant, first)
        return page_of(services.assets.page(wanted, after), "assets")

    @told_as(
        ComplianceStatus | None,
        "the compliance report: of `from` to `to`, else of the last complete period",
    )
    def compliance_status(
        self,
        info: Asking,
        start: From = None,
        end: To = None,
        period: said.PeriodName | None = None,
    ) -> Any:
        """The compliance report."""
        services, tenant = _asked(info)
        named = period.period if period else None
        span = period_of(start, end, named, services.clock.now(), Period.HOUR)
        return services.reports.report(tenant, span)

    @told_as(ViolationPage | None, "violations, newest first")
    def violations(
        self,
        info: Asking,
        start: From = None,
        end: To = None,
        policy_id: str | None = None,
        asset_id: str | None = None,
        severity: str | None = None,
        first: First = 100,
        after: After = None,
    ) -> Any:
        """A page of violations."""
        services, tenant = _asked(info)
        span = listed(start, end, services.clock.now())
        only = said.equal({"policy_id": policy_id, "asset_id": asset_id, "severity": severity})
        found = services.violations.page(tenant, span, checked(first), after, *only)
        return page_of(found, "violations")

    @told_as(
        list[Extension],
        "plugins that are installed: this hub has no plugins yet, so always empty",
    )
    def extensions(self) -> Any:
        """The plugins."""
        return []

    @told_as(
        ExtensionUsage | None,
        "usage and revenue of the marketplace's services; the last 24 hours",
    )
    def extension_usage(
        self,
        info: Asking,
        start: From = None,
        end: To = None,
        service_id: str | None = None,
    ) -> Any:
        """Usage and revenue by service."""
        services, tenant = _asked(info)
        period = asked_period(start, end, services.clock.now(), DEFAULT_WINDOW)
        return services.market.analytics(tenant, period, said.short(service_id))

    @told_as(
        Metrics | None,
        "model calls in `rows`, with `metric` its numbers in `points`, or in `rows` "
        "where there is a `granularity`; the last hour, with a `granularity` the last day",
    )
    def metrics(
        self,
        info: Asking,
        metric: str | None = None,
        measures: list[str] | None = None,
        by: list[str] | None = None,
        only: said.CallsWanted | None = None,
        granularity: str | None = None,
        start: From = None,
        end: To = None,
        first: First = 100,
    ) -> Any:
        """The Observatory's numbers."""
        services, tenant = _asked(info)
        usual = DEFAULT_WINDOW if granularity else LATELY
        period = asked_period(start, end, services.clock.now(), usual)
        cut, observed = (only or said.CallsWanted()).to_cut(by or []), services.observed
        if metric is None:
            names = measures or DEFAULT_MEASURES
            return observed.calls(tenant, period, cut, granularity=granularity, measures=names)
        if granularity is None:
            return observed.metric(tenant, period, said.short(metric), checked(first))
        return observed.history(tenant, period, cut, said.short(metric), granularity)

    @told_as(CostData | None, "usage and costs: usual, over time, by model")
    def cost_data(
        self,
        granularity: said.Granularity = said.Granularity.DAILY,
        scope: said.UsageWanted | None = None,
        window: str = "30d",
        start: From = None,
        end: To = None,
        counted: said.Counted | None = None,
    ) -> Any:
        """Usage and costs."""
        wanted = Wanted(
            granularity.value,
            (scope or said.UsageWanted()).to_scope(),
            said.closed_range(start, end),
            to_span(window),
            counted.value if counted else None,
        )
        return CostData(wanted=wanted)

    @told_as(BudgetList | None, "how budgets stand; 90 days")
    def budgets(
        self,
        info: Asking,
        start: From = None,
        end: To = None,
        organization_id: str | None = None,
    ) -> Any:
        """The budgets."""
        services, tenant = _asked(info)
        period = asked_period(start, end, services.clock.now(), KEPT)
        return budget_list(services.budgets.page(tenant, period, said.short(organization_id)))
