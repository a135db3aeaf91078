"""What the hub tells the registry: annotations of an asset, which is all it can be told.

Members and their types are those of its UpdateAssetRequest: annotations are texts, and one that is
added takes the place of that of its name; all others stay.
"""

from decimal import Decimal

Json = dict[str, object]

PREFIX = "analytics."


def asset_update(asset_id: str, numbers: dict[str, int | Decimal | None]) -> Json:
    """The body of `PATCH /v1/assets/{asset_id}`; what is unknown is removed, and never "0"."""
    known = {PREFIX + name: _text(value) for name, value in numbers.items() if value is not None}
    unknown = [PREFIX + name for name, value in numbers.items() if value is None]
    update: Json = {"asset_id": asset_id, "add_annotations": known}
    return update | ({"remove_annotations": unknown} if unknown else {})


def _text(number: int | Decimal) -> str:
    """All its digits, without an exponent or zeros at the end."""
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
