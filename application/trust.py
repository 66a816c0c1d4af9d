"""Whom the service believes over TLS (信任): the system's authorities, and the district's own."""

import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Self

from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import Certificate, load_pem_x509_certificates

# What OpenSSL found wrong with a certificate (its X509_V_ERR_… numbers), in words without a name.
WRONG = {
    9: "is not valid yet",
    10: "has expired",
    18: "is signed by itself",
    19: "is by an unknown authority",
    20: "is by an unknown authority",
    62: "is for another name",
    64: "is for another address",
}
BEGIN = b"-----BEGIN CERTIFICATE-----"


class WrongAuthorities(Exception):
    """The file of the district's authorities cannot be used; says why and what to do."""


@dataclass(frozen=True, slots=True)
class Trust:
    """Who vouches for servers: whom the system trusts, and these certificates beside them."""

    own: tuple[Certificate, ...] = ()

    @classmethod
    def read(cls, path: Path | None) -> Self:
        """
        Read the district's own from a PEM file; no path means none.

        :raises WrongAuthorities: if it is missing, unreadable, or holds no certificate
        """
        if path is None:
            return cls()
        try:
            trust = cls(certificates_in(path.read_bytes()))
            trust.context()
        except (ValueError, ssl.SSLError):
            why = "holds no certificate in PEM, or a damaged one. 文件中没有 PEM 格式的证书"
        except OSError as fault:
            why = f"cannot be read ({type(fault).__name__}). 证书文件无法读取"
        else:
            return trust
        raise WrongAuthorities(f"GUIXUE_CA_FILE: {path} {why}。")

    def context(self) -> ssl.SSLContext:
        """
        Make what connections begin with: the name must fit, and the certificate be vouched for.

        One for HTTP and another for e-mail: an HTTP client writes into it what protocol it speaks.
        """
        context = ssl.create_default_context()
        if self.own:
            context.load_verify_locations(
                cadata=b"".join(one.public_bytes(Encoding.DER) for one in self.own)
            )
            context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN  # an authority under another
        return context

    def expired(self, now: datetime) -> list[int]:
        """Say which of the district's own are over, by their place in the file, from 1 on."""
        return [place for place, one in enumerate(self.own, 1) if one.not_valid_after_utc < now]


SYSTEM = Trust()


def certificates_in(held: bytes) -> tuple[Certificate, ...]:
    """
    Give the certificates in a PEM file, whatever words stand between them.

    :raises ValueError: if there is none, or one is damaged or cut off
    """
    found = tuple(load_pem_x509_certificates(held))
    if len(found) < held.count(BEGIN):
        raise ValueError
    return found


def why_not(fault: BaseException) -> str:
    """Say in a few words why nothing was sent: what is wrong with TLS, else the kind of fault."""
    for cause in causes(fault):
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"its certificate {WRONG.get(cause.verify_code) or cause.verify_message}"
        if isinstance(cause, ssl.SSLError):
            return f"no TLS ({cause.reason or type(cause).__name__})"
    return type(fault).__name__


def causes(fault: BaseException) -> Iterator[BaseException]:
    """Give a fault, and what it came from."""
    cause: BaseException | None = fault
    while cause is not None:
        yield cause
        cause = cause.__cause__ or cause.__context__
