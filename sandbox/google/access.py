"""Who is asking: service account keys, the access tokens they earn, and what the tokens allow."""

from __future__ import annotations

import base64
import binascii
import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from sandbox.google.errors import Forbidden, Unauthenticated

GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
LIFETIME = 3599
_AUDIENCE = "https://oauth2.googleapis.com/token"
_SKEW = 300
_SCOPE = "https://www.googleapis.com/auth/"
_WRITING = {_SCOPE + name for name in ("spreadsheets", "drive", "drive.file")}
_READING = _WRITING | {_SCOPE + name for name in ("spreadsheets.readonly", "drive.readonly")}


class GrantRefused(Exception):
    """The token endpoint's refusal, in the words of OAuth."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.body = {"error": error, "error_description": description}


@dataclass(frozen=True, slots=True)
class Token:
    """What an access token stands for."""

    email: str
    scopes: frozenset[str]
    expires: float

    def check(self, *, writing: bool) -> None:
        if not self.scopes & (_WRITING if writing else _READING):
            detail = {
                "@type": "type.googleapis.com/google.rpc.ErrorInfo",
                "reason": "ACCESS_TOKEN_SCOPE_INSUFFICIENT",
                "domain": "googleapis.com",
                "metadata": {"service": "sheets.googleapis.com"},
            }
            raise Forbidden("Request had insufficient authentication scopes.", [detail])


class Accounts:
    """The registered keys and the tokens given out for them."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._keys: dict[str, dict[str, rsa.RSAPublicKey]] = {}
        self._tokens: dict[str, Token] = {}

    def new_key(self, email: str, token_uri: str) -> dict[str, str]:
        """A key file for the account, with a fresh RSA key, as Google's console would give it."""
        private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        key_id = secrets.token_hex(20)
        self._keys.setdefault(email, {})[key_id] = private.public_key()
        pem = private.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        return {
            "type": "service_account",
            "project_id": email.partition("@")[2].split(".")[0] or "sandbox",
            "private_key_id": key_id,
            "private_key": pem.decode(),
            "client_email": email,
            "client_id": str(int(key_id[:15], 16)),
            "token_uri": token_uri,
            "universe_domain": "googleapis.com",
        }

    def revoke(self, email: str) -> None:
        """Forget the account's keys and tokens."""
        self._keys.pop(email, None)
        self._tokens = {text: token for text, token in self._tokens.items() if token.email != email}

    def issue(self, email: str, scopes: frozenset[str] = frozenset({_SCOPE + "spreadsheets"})) -> str:
        """A new access token for the account."""
        text = f"ya29.sandbox.{secrets.token_urlsafe(24)}"
        now = self._clock()
        self._tokens = {old: token for old, token in self._tokens.items() if token.expires > now}
        self._tokens[text] = Token(email, scopes, now + LIFETIME)
        return text

    def bearer(self, header: str | None) -> Token:
        """The token of an Authorization header; unknown and expired ones are refused."""
        kind, _, text = (header or "").partition(" ")
        token = self._tokens.get(text)
        if kind != "Bearer" or token is None or token.expires <= self._clock():
            raise Unauthenticated
        return token

    def exchange(self, form: Mapping[str, str]) -> dict[str, Any]:
        """The token endpoint: an assertion signed with a registered key becomes an access token."""
        if form.get("grant_type") != GRANT:
            raise GrantRefused("unsupported_grant_type", f"Invalid grant_type: {form.get('grant_type', '')}")
        claims = self._verified(form.get("assertion", ""))
        now = self._clock()
        issued, expires = float(claims.get("iat", 0)), float(claims.get("exp", 0))
        if not (issued - _SKEW <= now <= expires + _SKEW and 0 < expires - issued <= 3600):
            raise GrantRefused(
                "invalid_grant",
                "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. "
                "Check your iat and exp values in the JWT claim.",
            )
        scopes = frozenset(str(claims.get("scope", "")).split())
        if not scopes:
            raise GrantRefused("invalid_scope", "Invalid OAuth scope or ID token audience provided.")
        token = self.issue(str(claims["iss"]), scopes)
        return {"access_token": token, "expires_in": LIFETIME, "token_type": "Bearer"}

    def _verified(self, assertion: str) -> dict[str, Any]:
        try:
            head, payload, signature = assertion.split(".")
            header, claims = json.loads(_decoded(head)), json.loads(_decoded(payload))
            signed = _decoded(signature)
        except (ValueError, binascii.Error):
            raise GrantRefused("invalid_grant", "Invalid JWT: Failed to parse the assertion.") from None
        keys = self._keys.get(str(claims.get("iss")))
        if keys is None:
            raise GrantRefused("invalid_grant", "Invalid grant: account not found")
        key = keys.get(str(header.get("kid")))
        if key is None or header.get("alg") != "RS256":
            raise GrantRefused("invalid_grant", "Invalid JWT Signature.")
        try:
            key.verify(signed, f"{head}.{payload}".encode(), padding.PKCS1v15(), hashes.SHA256())
        except InvalidSignature:
            raise GrantRefused("invalid_grant", "Invalid JWT Signature.") from None
        if claims.get("aud") != _AUDIENCE:
            raise GrantRefused("invalid_grant", "Invalid JWT: aud must be the token endpoint of Google.")
        return dict(claims)


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
