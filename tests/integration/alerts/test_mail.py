"""Mails at a real SMTP server."""

import shutil
import ssl
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from llm_analytics_hub.model.alerts.alert import Phase
from llm_analytics_hub.model.alerts.routing import Outcome
from tests.services.missing import missing

from .mailbox import PASSWORD, USER, Mailbox, mailbox
from .notices import alert, desk, notice


def mails(box: Mailbox, **more: Any) -> dict[str, Any]:
    return {
        "kind": "email", "host": "127.0.0.1", "port": box.port, "tls": "none", "tries": 3,
        "sender": "hub@example.org", "to": ["a@example.org", "b@example.org"], **more,
    }  # fmt: skip


def test_a_mail_says_it_as_text_and_as_html() -> None:
    told = alert()
    evil = replace(
        told, annotations={"summary": "<script>1</script>", "runbook_url": "javascript:1"}
    )
    with mailbox() as box, desk(m=mails(box)) as at:
        sent = at.sent("m", notice(told, evil))
        to, mail = box.next()
    text, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert sent.outcome is Outcome.SENT
    assert to == ["a@example.org", "b@example.org"]
    assert mail["Subject"] == "CRITICAL: error-rate (2 firing)"
    assert (mail["From"], mail["Auto-Submitted"]) == ("hub@example.org", "auto-generated")
    assert mail["Date"].datetime.isoformat() == "2026-11-22T12:00:00+00:00"
    assert text is not None
    assert html is not None
    assert "Value: 12.3 %, limit 5 %" in text.get_content()
    page = html.get_content()
    assert f'<a href="{told.url}">' in page
    assert "&lt;script&gt;" in page
    assert "<script>" not in page
    assert "javascript:" not in page


def test_mails_of_a_group_are_one_thread_and_tries_one_mail() -> None:
    with mailbox() as box, desk(m=mails(box)) as at:
        box.replies = ["451 later", "451 later"]
        first = at.sent("m", notice(alert()))
        at.sent("m", notice(resolved=(alert(phase=Phase.RESOLVED),)))
        (_, one), (_, other) = box.next(), box.next()
    assert first.tries == 2
    assert one["References"] == other["References"]
    assert one["Message-ID"] != other["Message-ID"]


@pytest.mark.parametrize(("code", "tries"), [("550 no such user", 1), ("451 later", 3)])
def test_what_the_server_refuses_for_good_is_not_tried_again(code: str, tries: int) -> None:
    with mailbox() as box, desk(m=mails(box)) as at:
        box.replies = [code] * 2 * tries  # of both recipients
        failed = at.sent("m")
        assert (failed.outcome, failed.tries) == (Outcome.FAILED, tries)
        assert "no such user" not in failed.error
        at.channels.resend(failed, at.became.put)
        assert at.next().outcome is Outcome.SENT
        assert box.next()[1]["Subject"] == "CRITICAL: error-rate"


def test_one_recipient_that_is_refused_keeps_no_other_from_it() -> None:
    with mailbox() as box, desk(m=mails(box)) as at:
        box.replies = ["550 no such user"]
        assert at.sent("m").outcome is Outcome.SENT
        assert box.next()[0] == ["b@example.org"]


def test_a_title_of_many_lines_is_one_line_of_the_mail() -> None:
    mails_title = "{{ tenant }}\r\nBcc: c@example.org\n\n{{ level }}"
    with mailbox() as box, desk(m=mails(box, title=mails_title)) as at:
        assert at.sent("m").outcome is Outcome.SENT
        to, mail = box.next()
    assert mail["Bcc"] is None
    assert (to, mail["Subject"]) == (
        ["a@example.org", "b@example.org"], "acme Bcc: c@example.org critical",
    )  # fmt: skip


def test_a_server_that_is_away_is_tried_again() -> None:
    with mailbox() as box:
        pass
    with desk(m=mails(box)) as at:
        failed = at.sent("m")
    assert (failed.outcome, failed.tries) == (Outcome.FAILED, 3)
    assert failed.error == "127.0.0.1 cannot be reached: ConnectionRefusedError"


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Path, ssl.SSLContext]:
    """A certificate for 127.0.0.1 that signed itself, and a server's context with it."""
    openssl = shutil.which("openssl")
    if openssl is None:
        missing("openssl", "openssl, which makes certificates, is not installed")
    cert, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    subprocess.run(
        [openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
         "-subj", "/CN=hub", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", cert],
        check=True, capture_output=True,
    )  # fmt: skip
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(cert, key)
    return cert, context


@pytest.mark.filterwarnings("ignore:Requiring AUTH")  # aiosmtpd knows TLS by STARTTLS only
@pytest.mark.parametrize("tls", ["starttls", "tls"])
def test_with_tls_it_logs_in_and_trusts_whom_it_is_told_to(
    pair: tuple[Path, ssl.SSLContext], tls: str
) -> None:
    cert, context = pair
    login = {"tls": tls, "user": USER, "tries": 1}
    with mailbox(context, tls=tls) as box:
        good = mails(box, **login, password=PASSWORD, ca_file=str(cert))
        wrong = mails(box, **login, password="wrong-W0RD", ca_file=str(cert))  # noqa: S106
        stranger = mails(box, **login, password=PASSWORD)
        with desk(good=good, wrong=wrong, stranger=stranger) as at:
            assert at.sent("good").outcome is Outcome.SENT
            denied = at.sent("wrong")
            untrusted = at.sent("stranger")
        assert box.mails.qsize() == 1
    assert "SMTPAuthenticationError with 535" in denied.error
    assert "W0RD" not in repr(denied)
    assert "SSLCertVerificationError" in untrusted.error


def test_a_server_without_starttls_is_sent_nothing() -> None:
    with mailbox() as box, desk(m=mails(box, tls="starttls")) as at:
        failed = at.sent("m")
        assert box.mails.empty()
    assert (failed.outcome, failed.tries) == (Outcome.FAILED, 1)
