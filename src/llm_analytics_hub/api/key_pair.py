"""The certificate and private key of a door: checked before the start, read at it."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class KeyPair:
    """A certificate chain and its private key, as PEM."""

    certificates: bytes
    private_key: bytes


def read_key_pair(cert: Path, key: Path) -> KeyPair:
    """The two files. Raises: OSError."""
    return KeyPair(cert.read_bytes(), key.read_bytes())


def check_key_pair(cert: Path | None, key: Path | None) -> None:
    """Raises: ValueError unless both are absent, or `key` is the plain private key of `cert`."""
    if (cert is None) != (key is None):
        raise ValueError("a certificate and its key go together; one of them is not set")
    if cert is None or key is None:
        return
    import ssl  # most hubs run without

    try:
        # The empty password: an encrypted key must not make the start ask at the terminal.
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(cert, key, password="")
    except OSError as error:
        raise ValueError(f"no plain private key of {cert}: {error.strerror}") from error
