"""What a span cost: an amount that says USD in its name, in the currency beside it."""

from llm_analytics_hub.integrations.reading import Reading, Row
from llm_analytics_hub.normalize.number import read_number

USD = "USD"


def cost(reading: Reading) -> Row:
    """Money of `cost`; its parts become attributes, named after USD where they are of it."""
    amount = reading.take("cost.amount_usd", "cost.cost_usd", "cost.total_usd")
    currency = reading.take("cost.currency")
    prompt = reading.take("cost.prompt_cost", "cost.breakdown.prompt")
    completion = reading.take("cost.completion_cost", "cost.breakdown.completion")
    in_dollars = currency is None or _is_usd(currency)
    ending = "_usd" if in_dollars else ""
    parts = {f"prompt_cost{ending}": prompt, f"completion_cost{ending}": completion}
    reading.rest |= {name: value for name, value in parts.items() if value is not None}
    if amount is None:
        return {}
    if in_dollars:
        return {"cost_usd": amount}
    return {"cost_amount": amount, "cost_currency": currency}


def total(reading: Reading) -> object:
    """`total_cost_usd`, or the sum of its two parts; the parts stay."""
    told = reading.take("total_cost_usd")
    parts = [read_number(reading.see(name)) for name in ("prompt_cost_usd", "completion_cost_usd")]
    known = [part for part in parts if part is not None and part.is_finite()]
    return sum(known) if told is None and len(known) == len(parts) else told


def _is_usd(currency: object) -> bool:
    return isinstance(currency, str) and currency.strip().upper() == USD
