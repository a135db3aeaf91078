import os
import shutil
import subprocess
from pathlib import Path

import pytest

from llm_analytics_hub.api.key_pair import check_key_pair, read_key_pair

OPENSSL = shutil.which("openssl")
needs_openssl = pytest.mark.skipif(
    OPENSSL is None and not os.environ.get("HUB_TEST_SERVICES"),
    reason="openssl, which makes certificates, is not installed",
)


def make(folder: Path, *protection: str) -> tuple[Path, Path]:
    """A certificate that signed itself, and its key."""
    assert OPENSSL is not None
    folder.mkdir()
    cert, key = folder / "cert.pem", folder / "key.pem"
    subprocess.run(
        [OPENSSL, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
         *(protection or ("-nodes",)), "-subj", "/CN=hub", "-keyout", key, "-out", cert],
        check=True, capture_output=True,
    )  # fmt: skip
    return cert, key


@needs_openssl
def test_a_certificate_goes_with_its_own_plain_key_only(tmp_path: Path) -> None:
    cert, key = make(tmp_path / "one")
    check_key_pair(cert, key)
    pair = read_key_pair(cert, key)
    assert (b"BEGIN CERTIFICATE" in pair.certificates, b"PRIVATE" in pair.private_key) == (
        True,
        True,
    )
    _, other = make(tmp_path / "other")
    _, locked = make(tmp_path / "locked", "-passout", "pass:word")
    for wrong in (other, locked, cert):
        with pytest.raises(ValueError, match="no plain private key of"):
            check_key_pair(cert, wrong)


def test_one_without_the_other_is_a_fault_and_none_is_none(tmp_path: Path) -> None:
    check_key_pair(None, None)
    for cert, key in ((tmp_path, None), (None, tmp_path)):
        with pytest.raises(ValueError, match="go together"):
            check_key_pair(cert, key)
