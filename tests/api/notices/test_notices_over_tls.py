"""Notices over TLS: with a wrong certificate they are kept and say why; with a right one, sent."""

from datetime import timedelta

import pytest

from application.notices.signing import drawn_secret
from tests.api.receiving import mail_server, receiver, standing, subscribe
from tests.people import enrol

ADDRESS, PHONE = "ceshi@school.example", "19000000001"
PASSWORD, SECRET = "geheim-9", drawn_secret()
WHY = {
    "email": "its certificate has expired",
    "phone": "its certificate is by an unknown authority",
    "webhook": "its certificate is for another address",
}


@pytest.fixture
def shown(certificates):
    """What each server begins with; other certificates may be put there while it runs."""
    shown = {
        "email": certificates.server("expired"),
        "phone": certificates.server("stranger"),
        "webhook": certificates.server("elsewhere"),
    }
    shown["email"].set_alpn_protocols(["http/1.1"])  # to notice who says that it speaks this
    return shown


@pytest.fixture
def box(shown):
    with mail_server(tls_context=shown["email"]) as made:
        yield made


@pytest.fixture
def gateway(shown):
    with receiver(shown["phone"]) as made:
        yield made


@pytest.fixture
def machine(shown):
    with receiver(shown["webhook"]) as made:
        yield made


@pytest.fixture
def configured(certificates, box, gateway, machine):
    return {
        "ca_file": certificates.root,
        "smtp_host": "localhost",
        "smtp_port": box.port,
        "smtp_user": "guixue",
        "smtp_password": PASSWORD,
        "smtp_from": "guixue@district.example",
        "sms_gateway_url": gateway.url,
        "sms_gateway_secret": SECRET,
        "webhook_origins": [machine.url.removesuffix("/in")],
        "notice_attempts": 2,
    }


@pytest.fixture
async def due(admin, registrar, principal, teacher, machine, notices, enter, shown):
    """A message by e-mail, one by the gateway, and a change; when tried, they are not taken."""
    await subscribe(admin, machine)
    for caller, body in ((teacher, {"email": ADDRESS}), (principal, {"phone": PHONE})):
        answer = await caller._client.put(
            "/v1/my/notices", json={**body, "digest": True}, headers=caller.headers
        )
        assert answer.status_code == 200, answer.text
    child = await enrol(registrar, 7)
    await teacher.record(child["student_id"], "absence-flags", first_absent_on="2026-09-14")
    await enter()
    assert await notices.digesting.look() == 2

    async def tried():
        """Try; gives what is wrong with each in a state, and all that is told of them."""
        await notices.delivering.look()
        found = [
            (state, one) for state in ("waiting", "dead") for one in await standing(admin, state)
        ]
        return {
            (one["channel"], state, one["error"]) for state, one in found if one["error"]
        }, found

    return tried


async def test_what_meets_a_wrong_certificate_is_kept_says_why_and_is_sent_once_it_is_right(
    due, admin, clock, notices, box, gateway, machine, shown, certificates
):
    for state in ("waiting", "dead"):
        wrong, found = await due()
        assert wrong == {(channel, state, why) for channel, why in WHY.items()}
        assert not any(secret in str(found) for secret in (PASSWORD, SECRET))
        clock.at += timedelta(seconds=13)
    assert (box.mail, box.signed_in, gateway.requests, machine.requests) == ([], [], [], [])

    for tls in shown.values():
        tls.load_cert_chain(certificates.shown("good"), certificates.key)
    for one in await standing(admin, "dead"):
        assert (await admin.post(f"/v1/notices/{one['id']}/retry")).status_code == 201
    assert await notices.delivering.look() == 4

    assert [to for to, _ in box.mail] == [ADDRESS]
    assert (len(gateway.requests), len(machine.requests)) == (1, 2)
    assert box.signed_in == [("guixue", PASSWORD)]
    assert box.protocols == [None]  # not what HTTP says that it speaks
