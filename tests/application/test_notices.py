"""Parts of notices by themselves: quiet hours, delays, origins, signatures, leading, e-mail."""

from datetime import UTC, datetime, time, timedelta
from uuid import UUID

import pytest
from pydantic import ValidationError
from standardwebhooks import Webhook

from api.settings import Settings
from application.notices.channels import Email, Letter
from application.notices.delivering import Quiet
from application.notices.failing import FIRST, LONGEST, Unreachable, delay_after
from application.notices.leading import Lead
from application.notices.origins import origin_of
from application.notices.signing import drawn_secret, key_of, signed
from application.store.store import StoreUnavailable
from tests.api.receiving import mail_server
from tests.reliability.processes import free_port

LETTER = Letter(UUID(int=7), "归学待办", "一二三\n")
JOB = 4711


def test_quiet_hours_may_pass_midnight_or_not_or_be_none():
    night, noon, none = (
        Quiet(time(since), time(until)) for since, until in ((21, 7), (12, 14), (0, 0))
    )
    hours = [time(hour) for hour in (0, 6, 7, 12, 13, 14, 20, 21, 23)]

    assert [quiet for quiet in hours if night.at(quiet)] == [time(h) for h in (0, 6, 21, 23)]
    assert [quiet for quiet in hours if noon.at(quiet)] == [time(12), time(13)]
    assert not any(none.at(quiet) for quiet in hours)


def test_each_delay_is_twice_the_one_before_up_to_six_hours_and_none_is_alike():
    for attempts in (*range(1, 20), 1_000):
        least = min(FIRST * 2 ** min(attempts - 1, 20), LONGEST)
        assert least <= delay_after(attempts) <= least * 1.25
    assert len({delay_after(3) for _ in range(20)}) > 1
    assert timedelta(days=2) < sum(map(delay_after, range(1, 20)), timedelta()) < timedelta(days=4)


def test_an_origin_is_scheme_host_and_port_and_nothing_else_passes_for_one():
    assert origin_of("https://OA.example/a?b") == origin_of("https://oa.example:443")
    assert origin_of("http://oa.example") == "http://oa.example:80"
    assert origin_of("https://[::1]:8443/x") == "https://::1:8443"
    for odd in ("oa.example", "https://", "ftp://oa.example", "https://a@oa.example", "https://测"):
        assert origin_of(odd) is None


def test_what_is_signed_is_what_the_specification_signs():
    secret, now = drawn_secret(), datetime.now(UTC)

    headers = signed(secret, UUID(int=7), '{"a":"一"}'.encode(), now)

    assert Webhook(secret).verify('{"a":"一"}', headers) == {"a": "一"}
    for bad in ("whsec_", "whsec_AAAA", "whsec_!", "测"):
        with pytest.raises(ValueError, match="whsec_"):
            key_of(bad)


def test_settings_that_do_not_belong_together_are_refused():
    for wrong in (
        {"smtp_host": "mail.example"},
        {"smtp_host": "m", "smtp_from": "a@b.c", "smtp_user": "u", "smtp_security": "none"},
        {"sms_gateway_url": "https://sms.example"},
        {"sms_gateway_url": "https://sms.example", "sms_gateway_secret": "short"},
        {"webhook_origins": ["oa.example"]},
        {"smtp_from": "a@b.c\nBcc: d@e.f", "smtp_host": "m"},
    ):
        with pytest.raises(ValidationError):
            Settings(**wrong)


async def test_one_leads_and_when_its_session_ends_the_next_one_does(prepared):
    first, second = Lead(prepared.service_url), Lead(prepared.service_url)
    assert [await first.of(JOB), await second.of(JOB), await second.of(JOB + 1)] == [1, 0, 1]
    assert await first.of(JOB)

    first._session.pgconn.finish()  # as its process ends, however it ends
    while not await second.of(JOB):
        pass
    with pytest.raises(StoreUnavailable):
        await first.of(JOB)
    assert not await first.of(JOB)  # it came back, and somebody else leads
    await first.close()
    await second.close()


async def test_where_tls_is_asked_for_nothing_is_told_without_it():
    with mail_server() as box:
        for security in ("starttls", "tls"):
            email = Email("127.0.0.1", box.port, "guixue@district.example", security)
            with pytest.raises(Unreachable):
                await email.send("ceshi@school.example", LETTER)
        assert box.mail == []


async def test_a_server_that_is_away_or_wants_no_mail_now_gets_it_later():
    away = Email("127.0.0.1", free_port(), "guixue@district.example", "none")
    with pytest.raises(Unreachable, match="ConnectionRefusedError"):
        await away.send("ceshi@school.example", LETTER)
    with mail_server() as box:
        box.refuses["ceshi@school.example"] = "450 greylisted"
        email = Email("127.0.0.1", box.port, "guixue@district.example", "none")
        with pytest.raises(Unreachable, match="SMTP 450"):
            await email.send("ceshi@school.example", LETTER)
