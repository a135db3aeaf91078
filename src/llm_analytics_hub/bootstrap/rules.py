"""What is set about normalisation, as the rules it follows."""

from importlib import resources
from pathlib import Path

from llm_analytics_hub.errors import SettingsError
from llm_analytics_hub.normalize.money import decode_rates
from llm_analytics_hub.normalize.normalizer import Rules
from llm_analytics_hub.normalize.pricing import (
    GenaiPriceBook,
    OverriddenPriceBook,
    PriceBook,
    decode_overrides,
)
from llm_analytics_hub.settings import NormalizeSettings


def rules_of(settings: NormalizeSettings) -> Rules:
    """What is set about normalisation, files read. Raises: SettingsError."""
    prices: PriceBook = GenaiPriceBook()
    if settings.price_file is not None:
        own = decode_overrides(_text(settings.price_file))
        prices = OverriddenPriceBook(own, prices)
    shipped = resources.files("llm_analytics_hub.normalize") / "rates.yaml"
    rates = _text(settings.rate_file) if settings.rate_file else shipped.read_text("utf-8")
    return Rules(
        prices=prices,
        rates=decode_rates(rates),
        policies=settings.policies(),
        clock_skew=settings.clock_skew,
        document_sizes=settings.document_sizes,
        capture=settings.capture(),
    )


def _text(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{file} cannot be read: {error}") from error
