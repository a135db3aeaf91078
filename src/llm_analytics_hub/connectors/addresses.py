"""Addresses of services, as settings have them."""

from collections.abc import Callable
from urllib.parse import urlsplit


def address_of(*schemes: str) -> Callable[[str], str]:
    """A check for addresses with one of these schemes and a host; they must hold no password.

    It gives the address back, without a slash at its end. Raises: ValueError.
    """

    def checked(url: str) -> str:
        parts = urlsplit(url)
        if parts.scheme not in schemes or not parts.hostname or parts.fragment:
            raise ValueError(f"must be {' or '.join(f'{one}://' for one in schemes)} and a host")
        if parts.query and parts.scheme.startswith("http"):
            raise ValueError("takes no parameters: they have a setting of their own")
        if "@" in parts.netloc:
            raise ValueError("has no place for a password: set token, token_file or secret")
        return url.rstrip("/")

    return checked
