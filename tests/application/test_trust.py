"""Whom the service believes over TLS: the system's authorities and a district's own."""

import asyncio
import ssl
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import load_pem_x509_certificate

from application.trust import SYSTEM, Trust, WrongAuthorities, why_not


@pytest.fixture
def meeting(certificates):
    """Begin TLS with a server that shows a certificate; gives what is wrong, or nothing."""

    async def begun(trust, shown, host="localhost"):
        async def hang_up(_reader, writer):
            writer.close()

        server = await asyncio.start_server(hang_up, "127.0.0.1", 0, ssl=certificates.server(shown))
        try:
            port = server.sockets[0].getsockname()[1]
            given = {"ssl": trust.context(), "server_hostname": host}
            _, writer = await asyncio.open_connection("127.0.0.1", port, **given)
            writer.close()
        except ssl.SSLError as fault:
            return why_not(fault)
        finally:
            server.close()
            await server.wait_closed()
        return None

    return begun


async def test_the_districts_own_are_trusted_beside_the_systems(certificates, meeting):
    own = Trust.read(certificates.root)

    assert await meeting(own, "good") is None
    assert await meeting(own, "good", "127.0.0.1") is None
    assert await meeting(SYSTEM, "good") == "its certificate is by an unknown authority"
    assert len(own.context().get_ca_certs()) == len(SYSTEM.context().get_ca_certs()) + 1


async def test_an_authority_under_another_or_a_servers_own_certificate_is_trusted_alone(
    certificates, meeting
):
    under, alone = Trust.read(certificates.under), Trust.read(certificates.shown("alone"))

    assert await meeting(under, "lower") is None
    assert await meeting(under, "good") == "its certificate is by an unknown authority"
    assert await meeting(alone, "alone") is None
    assert await meeting(alone, "alone", "oa.example") == "its certificate is for another name"


async def test_a_file_may_hold_several_and_words_between(certificates, meeting, tmp_path):
    both, place = (
        [certificates.shown(one).read_bytes() for one in ("under", "root")],
        tmp_path / "a",
    )
    place.write_bytes("\ufeff教育局\r\n".encode() + "上级\n".encode().join(both))

    assert await meeting(Trust.read(place), "good") is None
    assert await meeting(Trust.read(place), "lower") is None


async def test_the_systems_may_be_named_by_the_variable_of_openssl(
    certificates, meeting, monkeypatch
):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificates.root))

    assert await meeting(Trust.read(None), "good") is None


def test_a_file_that_is_missing_or_holds_no_certificate_is_refused(certificates, tmp_path):
    pem = certificates.root.read_bytes()
    wrong = {
        "empty": b"",
        "words": "不是证书".encode(),
        "key": certificates.key.read_bytes(),
        "der": load_pem_x509_certificate(pem).public_bytes(Encoding.DER),
        "damaged": pem.replace(pem.split(b"\n")[4], b""),
        "half": pem + pem[:200],
        "not base64": pem.replace(b"M", b"\0"),
    }
    for name, held in wrong.items():
        place = tmp_path / name
        place.write_bytes(held)
        with pytest.raises(WrongAuthorities, match=f"GUIXUE_CA_FILE: {place} holds no"):
            Trust.read(place)
    for place in (tmp_path / "missing", tmp_path):
        with pytest.raises(WrongAuthorities, match="cannot be read"):
            Trust.read(place)


def test_which_of_them_are_over_is_known(certificates, tmp_path):
    place = tmp_path / "all.pem"
    held = [certificates.shown(one).read_bytes() for one in ("root", "expired", "under")]
    place.write_bytes(b"".join(held))
    now = datetime.now(UTC)

    assert Trust.read(place).expired(now) == [2]
    assert Trust.read(place).expired(now + timedelta(days=31)) == [1, 2, 3]
    assert SYSTEM.expired(now) == []
