"""An ID token is believed if a key of the provider signed it, for us, now, for this sign-in."""

from base64 import urlsafe_b64encode
from datetime import timedelta

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OctKey, RSAKey

from application.openid_provider import Client, NotVouchedFor, _verified
from application.provider_sign_ins import Begun
from tests.ways_in import NOW

US = Client("https://id.example", "guixue", "https://guixue.example/v1/oidc/callback")
BEGUN = Begun("browser", "state")
RSA, EC, OTHER = (RSAKey.generate_key(2048), ECKey.generate_key("P-256"), RSAKey.generate_key(2048))
CLAIMS = {
    "iss": US.issuer,
    "sub": "s",
    "aud": US.client_id,
    "iat": int(NOW.timestamp()),
    "exp": int(NOW.timestamp()) + 60,
    "nonce": BEGUN.nonce,
}
KEYS = KeySet([RSA, EC])


def signed(alg, key, claims=CLAIMS, **header):
    return jwt.encode({"alg": alg, **header}, claims, key, [alg])


@pytest.mark.parametrize(("alg", "key"), [("RS256", RSA), ("PS512", RSA), ("ES256", EC)])
def test_a_signature_by_a_key_of_the_provider_is_believed(alg, key):
    token = signed(alg, key, kid=key.thumbprint())

    assert _verified({"id_token": token}, KEYS, US, BEGUN, NOW)["sub"] == "s"


def test_no_other_signature_is():
    public = OctKey.import_key({"kty": "oct", "k": RSA.as_dict(private=False)["n"]})
    other = KeySet([OTHER])
    shared = KeySet([OctKey.import_key("a secret that both sides know, long enough")])
    header = urlsafe_b64encode(b'{"alg": "none"}').decode().rstrip("=")
    none = f"{header}.{signed('RS256', RSA).split('.')[1]}."
    forged = [
        (signed("RS256", OTHER, kid=RSA.thumbprint()), KEYS),
        (signed("RS256", RSA, kid="unknown"), KEYS),
        (signed("HS256", public), KeySet([RSA])),
        (signed("HS256", shared.keys[0]), shared),
        (none, KeySet([RSA])),
        (signed("RS256", RSA), other),
        (signed("RS256", RSA)[:-8] + "AAAAAAAA", KeySet([RSA])),
        (signed("RS256", RSA).rpartition(".")[0] + ".", KeySet([RSA])),
    ]
    for token, keys in forged:
        with pytest.raises(NotVouchedFor):
            _verified({"id_token": token}, keys, US, BEGUN, NOW)


@pytest.mark.parametrize("name", CLAIMS)
def test_every_claim_is_asked_for(name):
    lacking = {key: value for key, value in CLAIMS.items() if key != name}
    with pytest.raises(NotVouchedFor):
        _verified({"id_token": signed("RS256", RSA, lacking)}, KeySet([RSA]), US, BEGUN, NOW)


@pytest.mark.parametrize(("minutes", "believed"), [(0, True), (1, True), (3, False), (-3, False)])
def test_a_token_is_believed_while_it_lasts(minutes, believed):
    token, later = signed("RS256", RSA), NOW + timedelta(minutes=minutes)
    if believed:
        _verified({"id_token": token}, KeySet([RSA]), US, BEGUN, later)
    else:
        with pytest.raises(NotVouchedFor):
            _verified({"id_token": token}, KeySet([RSA]), US, BEGUN, later)
