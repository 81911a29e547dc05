"""Access: bearer tokens, and the token endpoint with its single-use refresh tokens."""

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sandbox.amocrm.exchange import JSON, PROBLEM, Reply, Request, problem
from sandbox.amocrm.fields import compact

CODE_SECONDS = 20 * 60
REFRESH_SECONDS = 90 * 86_400
LONG_LIFE = 5 * 365 * 86_400


@dataclass(slots=True)
class OAuth:
    """An integration's registration, and how its token endpoint refuses."""

    client_id: str = "00000000-1111-4222-8333-444444444444"
    client_secret: str = "sandbox-secret"  # noqa: S105
    redirect_uri: str = "https://vitrina.example/oauth"
    access_seconds: int = 86_400
    refusal_status: int = 400
    """Sources disagree between 400 and 401."""


@dataclass(slots=True)
class _Secret:
    kind: str
    made_at: float
    used: bool = False


@dataclass(slots=True)
class Grants:
    """Who may come in. Exchanging a code or a refresh token is atomic and works once."""

    account_id: int
    host: str
    clock: Callable[[], float]
    oauth: OAuth | None = None
    _access: dict[str, float] = field(default_factory=dict)
    _secrets: dict[str, _Secret] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _made: int = 0

    def long_lived(self, token: str | None = None) -> str:
        """A token good for years; one is made unless given."""
        until = self.clock() + LONG_LIFE
        made = token or self._jwt(until)
        self._access[made] = until
        return made

    def revoke(self) -> None:
        """An administrator switches the integration off: every token is dead."""
        with self._lock:
            self._access.clear()
            for secret in self._secrets.values():
                secret.used = True

    def expire_access(self) -> None:
        """Access tokens have run out; refresh tokens have not."""
        with self._lock:
            self._access = dict.fromkeys(self._access, self.clock() - 1)

    def new_code(self) -> str:
        """What a person finds in the integration's "Keys" tab: good for 20 minutes, once."""
        with self._lock:
            return self._secret("authorization_code")

    def refuse(self, request: Request) -> Reply | None:
        """401 unless the request brings a token that is good now."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme == "Bearer" and self._access.get(token, 0) > self.clock():
            return None
        return problem(401, "Неверный логин или пароль")

    def is_good(self, refresh_token: str) -> bool:
        """Whether this refresh token could be exchanged now; asking does not use it up."""
        with self._lock:
            secret = self._secrets.get(refresh_token)
            if secret is None or secret.used or secret.kind != "refresh_token":
                return False
            return self.clock() - secret.made_at <= REFRESH_SECONDS

    def exchange(self, request: Request) -> Reply:
        """POST /oauth2/access_token."""
        if self.oauth is None:
            return self._refusal("Check the `client_id` parameter")
        try:
            asked = json.loads(request.body)
        except ValueError:
            asked = None
        if not isinstance(asked, dict):
            return self._refusal("Check the `grant_type` parameter")
        with self._lock:
            hint = self._wrong_keys(asked, self.oauth) or self._wrong_secret(asked)
            return self._refusal(hint) if hint else self._pair(self.oauth)

    def _wrong_keys(self, asked: dict[str, Any], oauth: OAuth) -> str:
        if asked.get("client_id") != oauth.client_id:
            return "Check the `client_id` parameter"
        if asked.get("client_secret") != oauth.client_secret:
            return "Check the `client_secret` parameter"
        if asked.get("redirect_uri") != oauth.redirect_uri:
            return "Redirect URI is not associated with client"
        return ""

    def _wrong_secret(self, asked: dict[str, Any]) -> str:
        """Use up the code or refresh token; what is wrong with it, if anything."""
        kind = asked.get("grant_type")
        if kind == "authorization_code":
            name, seconds = "code", CODE_SECONDS
            unknown, dead = "Cannot decrypt the authorization code", "Authorization code has been revoked"
            late = "Authorization code has expired"
        elif kind == "refresh_token":
            name, seconds = "refresh_token", REFRESH_SECONDS
            unknown, dead, late = "Invalid refresh token", "Token has been revoked", "Token has been revoked"
        else:
            return "Check the `grant_type` parameter"
        secret = self._secrets.get(str(asked.get(name)))
        if secret is None or secret.kind != kind:
            return unknown
        if secret.used:
            return dead
        if self.clock() - secret.made_at > seconds:
            return late
        secret.used = True
        return ""

    def _pair(self, oauth: OAuth) -> Reply:
        now = self.clock()
        access = self._jwt(now + oauth.access_seconds)
        self._access[access] = now + oauth.access_seconds
        body = {
            "token_type": "Bearer",
            "expires_in": oauth.access_seconds,
            "server_time": int(now),
            "access_token": access,
            "refresh_token": self._secret("refresh_token"),
        }
        return Reply(200, compact(body).encode(), JSON)

    def _secret(self, kind: str) -> str:
        self._made += 1
        text = "def50200" + hashlib.sha256(f"{kind} {self.account_id} {self._made}".encode()).hexdigest() * 3
        self._secrets[text] = _Secret(kind, self.clock())
        return text

    def _refusal(self, hint: str) -> Reply:
        status = self.oauth.refusal_status if self.oauth else 400
        body = {
            "hint": hint,
            "title": "Некорректный запрос",
            "type": "https://developers.amocrm.ru/v3/errors/OAuthProblemJson",
            "status": status,
            "detail": "В запросе отсутствует ряд параметров или параметры невалидны",
        }
        return Reply(status, compact(body).encode(), PROBLEM)

    def _jwt(self, until: float) -> str:
        self._made += 1
        now = int(self.clock())
        claims = {
            "aud": self.oauth.client_id if self.oauth else "long-lived",
            "jti": hashlib.sha256(f"{self.account_id} {self._made}".encode()).hexdigest(),
            "iat": now, "nbf": now, "exp": int(until), "sub": "700001", "account_id": self.account_id,
            "base_domain": "amocrm.ru", "api_domain": self.host, "scopes": ["crm"],
        }  # fmt: skip
        signed = f"{_text64({'typ': 'JWT', 'alg': 'HS256'})}.{_text64(claims)}"
        return f"{signed}.{_base64(hmac.digest(b'sandbox', signed.encode(), 'sha256'))}"


def _text64(thing: Any) -> str:
    return _base64(compact(thing).encode())


def _base64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
