"""An OpenID provider (OpenID Connect Core): where it signs people in, and whom it says they are."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import httpx
import structlog
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from application.provider_sign_ins import Begun
from application.trust import Trust, why_not

PATIENCE_SECONDS = 5.0
LEEWAY_SECONDS = 60  # by which its clock may differ
SCOPE = "openid"
# Never one whose key both sides hold.
ASYMMETRIC = [
    *("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    *("ES256", "ES384", "ES512", "Ed25519", "EdDSA"),
]
# Authentication methods (RFC 8176) that are, or show, more than a password.
SECOND_FACTORS = frozenset({"mfa", "otp", "hwk", "sc"})
WRONG_REQUEST = range(400, 500)
_log = structlog.get_logger("guixue.sign_in")


class ProviderAway(Exception):
    """The provider does not answer, or not as an OpenID provider does."""


class NotVouchedFor(Exception):
    """The provider does not say who this is, or what it says cannot be believed."""


@dataclass(frozen=True, slots=True)
class Client:
    """What the provider knows us as; without ``secret``, a public client."""

    issuer: str
    client_id: str
    redirect_url: str
    secret: str | None = None


@dataclass(frozen=True, slots=True)
class VouchedFor:
    """Whom the provider has signed in, and whether with a second factor."""

    issuer: str
    subject: str
    second_factor: bool


class OpenIdProvider:
    """One provider, asked anew at every sign-in, so that its keys are always the present ones."""

    def __init__(self, client: Client, trust: Trust) -> None:
        self._client = client
        self._tls = trust.context()

    async def sign_in_url(self, begun: Begun) -> str:
        """
        Give the address at which the provider signs somebody in.

        :raises ProviderAway: if the provider does not answer sensibly
        """
        async with self._http() as http:
            told = await self._discovered(http)
        query = {
            "response_type": "code",
            "client_id": self._client.client_id,
            "redirect_uri": self._client.redirect_url,
            "scope": SCOPE,
            "state": begun.state,
            "nonce": begun.nonce,
            "code_challenge": create_s256_code_challenge(begun.verifier),
            "code_challenge_method": "S256",
        }
        place = _endpoint(told, "authorization_endpoint")
        return f"{place}{'&' if urlsplit(place).query else '?'}{urlencode(query)}"

    async def signed_in(self, begun: Begun, code: str, now: datetime) -> VouchedFor:
        """
        Ask whom a code stands for.

        :raises ProviderAway: if the provider does not answer sensibly
        :raises NotVouchedFor: if it refuses the code, or its ID token is not for us, now, here
        """
        async with self._http() as http:
            told = await self._discovered(http)
            tokens = await self._exchange(http, told, begun, code)
            keys = await _json(http, "GET", _endpoint(told, "jwks_uri"))
        claims = _verified(tokens, _key_set(keys), self._client, begun, now)
        methods = claims.get("amr") or []
        return VouchedFor(
            self._client.issuer,
            claims["sub"],
            any(isinstance(method, str) and method in SECOND_FACTORS for method in methods),
        )

    def _http(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(timeout=PATIENCE_SECONDS, verify=self._tls, trust_env=False)

    async def _discovered(self, http: httpx.AsyncClient) -> Mapping[str, Any]:
        place = f"{self._client.issuer.rstrip('/')}/.well-known/openid-configuration"
        told = await _json(http, "GET", place)
        if told.get("issuer") != self._client.issuer:
            raise ProviderAway
        return told

    async def _exchange(
        self, http: httpx.AsyncClient, told: Mapping[str, Any], begun: Begun, code: str
    ) -> Mapping[str, Any]:
        client = self._client
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": client.redirect_url,
            "code_verifier": begun.verifier,
        }
        taken = told.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        auth = None
        if client.secret is None:
            form["client_id"] = client.client_id
        elif "client_secret_basic" in taken:
            auth = httpx.BasicAuth(quote(client.client_id, safe=""), quote(client.secret, safe=""))
        else:
            form |= {"client_id": client.client_id, "client_secret": client.secret}
        return await _json(http, "POST", _endpoint(told, "token_endpoint"), data=form, auth=auth)


async def _json(http: httpx.AsyncClient, method: str, place: str, **sent: Any) -> Mapping[str, Any]:
    """
    Ask the provider for a JSON object.

    :raises NotVouchedFor: if it says that what was posted is wrong
    :raises ProviderAway: if it does not answer one
    """
    try:
        async with asyncio.timeout(2 * PATIENCE_SECONDS):
            answer = await http.request(method, place, **sent)
        if method == "POST" and answer.status_code in WRONG_REQUEST:
            raise NotVouchedFor
        told = answer.raise_for_status().json()
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, RecursionError, TimeoutError) as fault:
        _log.warning("the OpenID provider does not answer as one", why=why_not(fault))
        raise ProviderAway from None
    if not isinstance(told, dict):
        raise ProviderAway
    return told


def _endpoint(told: Mapping[str, Any], name: str) -> str:
    """Give a place of the provider's, which is asked over TLS if the provider is."""
    place = told.get(name)
    try:
        plain = urlsplit(told["issuer"]).scheme == "http"
        if isinstance(place, str) and place.isascii() and place.isprintable():
            parts = urlsplit(place)
            if (parts.scheme == "https" or (plain and parts.scheme == "http")) and parts.hostname:
                return place
    except ValueError:
        pass
    raise ProviderAway


def _key_set(told: Mapping[str, Any]) -> KeySet:
    try:
        return KeySet.import_key_set(told)  # type: ignore[arg-type]  # whatever it is, it is read
    except (JoseError, ValueError, TypeError, KeyError, AttributeError):
        raise ProviderAway from None


def _verified(
    tokens: Mapping[str, Any], keys: KeySet, client: Client, begun: Begun, now: datetime
) -> Mapping[str, Any]:
    """
    Check an ID token in full: signature, issuer, audience, time, nonce (Core, section 3.1.3.7).

    :raises NotVouchedFor: if anything is amiss
    """
    id_token, access_token = tokens.get("id_token"), tokens.get("access_token")
    if not isinstance(id_token, str):
        raise NotVouchedFor
    options: Any = {
        "iss": {"essential": True, "value": client.issuer},
        "sub": {"essential": True},
        "aud": {"essential": True, "value": client.client_id},
    }
    params = {
        "nonce": begun.nonce,
        "client_id": client.client_id,
        "access_token": access_token,
    }
    try:
        token = jwt.decode(id_token, keys, algorithms=ASYMMETRIC)
        claims = CodeIDToken(token.claims, token.header, options, params)
        claims.validate(int(now.timestamp()), LEEWAY_SECONDS)
        if not isinstance(claims["sub"], str):
            raise NotVouchedFor
    except (JoseError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise NotVouchedFor from None
    return dict(claims)
