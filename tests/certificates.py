"""Certificates of a throw-away authority: good ones, and one for each way to be wrong."""

import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

DAY = timedelta(days=1)
HERE = (x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1")))
ELSEWHERE = (x509.DNSName("elsewhere.example"), x509.IPAddress(ip_address("192.0.2.1")))
BAD = {
    "elsewhere": "its certificate is for another",
    "expired": "its certificate has expired",
    "early": "its certificate is not valid yet",
    "stranger": "its certificate is by an unknown authority",
    "alone": "its certificate is signed by itself",
}


@dataclass(frozen=True)
class Issuer:
    """Whoever signs: a name, its key, and its own certificate."""

    name: x509.Name
    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate


def named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def signed(subject, key, issuer, signing, *, names=(), days=(-2, 30), authority=False):
    """Have a key's certificate signed; it is good from one day to another, counted from today."""
    today = datetime.now(UTC)
    building = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today + days[0] * DAY)
        .not_valid_after(today + days[1] * DAY)
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
    )
    if names:
        building = building.add_extension(x509.SubjectAlternativeName(names), critical=False)
    return building.sign(signing, SHA256())


def authority(name: str, above: Issuer | None = None) -> Issuer:
    """Make an authority, under another or under none."""
    key, own = ec.generate_private_key(ec.SECP256R1()), named(name)
    issuer, signing = (above.name, above.key) if above else (own, key)
    return Issuer(own, key, signed(own, key, issuer, signing, authority=True))


class Certificates:
    """The files of it all in a folder: authorities to trust, and what servers show."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        root, stranger = authority("测试根"), authority("别处")
        under = authority("测试下级", root)
        self.root = self._file("root", root.certificate)
        self.under = self._file("under", under.certificate)
        key = ec.generate_private_key(ec.SECP256R1())
        self.key = folder / "server.key"
        self.key.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        for name, by, more in (
            ("good", root, {}),
            ("lower", under, {}),
            ("elsewhere", root, {"names": ELSEWHERE}),
            ("expired", root, {"days": (-9, -1)}),
            ("early", root, {"days": (1, 9)}),
            ("stranger", stranger, {}),
            ("alone", Issuer(named("alone"), key, root.certificate), {}),
        ):
            made = signed(named(name), key, by.name, by.key, **{"names": HERE, **more})
            self._file(name, made)

    def _file(self, name: str, certificate: x509.Certificate) -> Path:
        place = self.shown(name)
        place.write_bytes(certificate.public_bytes(Encoding.PEM))
        return place

    def shown(self, name: str) -> Path:
        """The file of a certificate, by its name."""
        return self.folder / f"{name}.pem"

    def server(self, name: str) -> ssl.SSLContext:
        """What a server begins with that shows this certificate."""
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self.shown(name), self.key)
        return context
