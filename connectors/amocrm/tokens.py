"""What opens the account: a long-lived token, or the rotating pair of OAuth."""

import base64
import json
import string
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Protocol

import requests
from urllib3.exceptions import MaxRetryError, NewConnectionError

from connectors.amocrm.pair import Pair, PairFile, mark
from connectors.base import (
    Blocked,
    NotFound,
    RateLimited,
    ServerFailed,
    SourceError,
    Unauthorized,
    Unreachable,
)

EARLY = 300.0
"""Seconds before its end at which an access token is replaced."""

TIMEOUTS = (5.0, 15.0)  # seconds to connect to the token endpoint, and to wait for it

_VISIBLE = frozenset(string.ascii_letters + string.digits + string.punctuation)
_LOST = (
    "amoCRM's answer to the exchange of tokens was lost, and what was sent works only once: "
    "get a new authorization code in the integration's settings and give it as VITRINA_AMOCRM_CODE"
)


class Tokens(Protocol):
    """Whoever can say which token to send now."""

    def current(self) -> str:
        """The token to send."""

    def refreshed(self, rejected: str) -> str:
        """Another token than the `rejected` one; Unauthorized where there is none."""


class LongLived:
    """A token that an administrator made for years; only a person can replace it."""

    def __init__(self, token: str) -> None:
        self._token = token.strip()
        if not _is_token(self._token):
            raise Unauthorized(
                "the amoCRM token is empty or holds characters that no token has: copy it again, whole, "
                "from the integration's settings"
            )

    @property
    def expires_at(self) -> float | None:
        """When the token ends (unix seconds), if it can be read in it."""
        return expiry(self._token)

    def current(self) -> str:
        """The token."""
        return self._token

    def refreshed(self, rejected: str) -> str:  # noqa: ARG002 - the shape of Tokens
        """Never: a long-lived token has no successor."""
        raise Unauthorized(
            "amoCRM refused the long-lived token (expired, revoked, or of another account): "
            "make a new one in the integration's settings"
        )


class OAuthPair:
    """The pair of an authorization code; every refresh spends the old refresh token for a new pair.

    To lose the new pair is to need an administrator again. Therefore a refresh happens under a lock shared
    with other processes, after reading what they may have stored; that the old one is spent is on the disk
    before it is sent, and the new pair is on the disk before anybody uses it. A refresh without an answer is
    never sent a second time. A `code` that was not used yet begins a new pair.
    """

    def __init__(  # noqa: PLR0917 - what OAuth needs, in its own order
        self,
        url: str,
        client_id: str,
        client_secret: str,
        redirect_uri: str,
        path: Path,
        code: str | None = None,
        *,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._address = f"{url.rstrip('/')}/oauth2/access_token"
        self._keys = {"client_id": client_id, "client_secret": client_secret, "redirect_uri": redirect_uri}
        self._file = PairFile(path)
        self._code = code
        self._now = now
        self._pair: Pair | None = None
        self._refusals: dict[str, SourceError] = {}
        self._guard = threading.Lock()

    def current(self) -> str:
        """An access token that still lives for a while."""
        with self._guard:
            if self._pair is None or self._is_ending(self._pair):
                self._pair = self._renewed()
            return self._pair.access

    def refreshed(self, rejected: str) -> str:
        """An access token other than `rejected`: another process's, where that one was quicker."""
        with self._guard:
            if self._pair is None or self._pair.access == rejected:
                self._pair = self._renewed(rejected)
            return self._pair.access

    def _renewed(self, rejected: str | None = None) -> Pair:
        with self._file.locked():
            kept = self._file.read()
            if self._code and (kept is None or kept.code != mark(self._code)):
                return self._begun(self._code, kept)
            if kept is None:
                raise Unauthorized(
                    "there are no amoCRM tokens yet: get an authorization code in the integration's settings "
                    "and give it once as VITRINA_AMOCRM_CODE (it lives 20 minutes)"
                )
            if kept.is_spent:
                raise Unauthorized(_LOST)
            if kept.access != rejected and not self._is_ending(kept):
                return kept
            spent = replace(kept, is_spent=True)
            return self._spend(kept, spent, grant_type="refresh_token", refresh_token=kept.refresh)

    def _begun(self, code: str, kept: Pair | None) -> Pair:
        """Exchange a code; a pair that still works is kept until the new one is there."""
        spent = replace(kept, code=mark(code)) if kept else Pair("", "", 0.0, mark(code), is_spent=True)
        return self._spend(kept, spent, grant_type="authorization_code", code=code)

    def _spend(self, kept: Pair | None, spent: Pair, **grant: str) -> Pair:
        """Send what works only once, and keep what comes back; put `kept` back if nothing was used up."""
        once = mark(json.dumps(grant))
        if once in self._refusals:
            raise self._refusals[once]
        self._file.write(spent)
        try:
            reply = self._exchange(grant)
        except _AnswerLost as error:
            raise Unauthorized(_LOST) from error
        except SourceError as error:
            if not error.retryable:
                self._refusals[once] = error
            self._put_back(kept)
            raise
        pair = self._pair_of(reply, spent.code)
        self._file.write(pair)
        return pair

    def _put_back(self, kept: Pair | None) -> None:
        if kept is None:
            self._file.remove()
        else:
            self._file.write(kept)

    def _exchange(self, grant: dict[str, str]) -> requests.Response:
        try:
            reply = requests.post(
                self._address,
                json={**self._keys, **grant},
                timeout=TIMEOUTS,
                allow_redirects=False,
                auth=_no_auth,
            )
        except requests.RequestException as error:
            if _never_left(error):
                reason = type(error).__name__
                raise Unreachable(f"amoCRM's token endpoint cannot be reached ({reason})") from error
            raise _AnswerLost from error
        if reply.status_code == 429:
            raise RateLimited("amoCRM's token endpoint asks to wait")
        if reply.status_code == 504:
            raise _AnswerLost
        if reply.status_code >= 500:
            raise ServerFailed(f"amoCRM's token endpoint answered {reply.status_code}")
        if reply.status_code == 404 or 300 <= reply.status_code < 400:
            raise NotFound(f"amoCRM's token endpoint answered {reply.status_code}: check amocrm.url")
        if reply.status_code == 403 and not _hint(reply):
            raise Blocked("amoCRM has blocked this integration or address: its support must unblock it")
        if reply.status_code != 200:
            raise Unauthorized(
                f"amoCRM refused the exchange of tokens ({reply.status_code}{_hint(reply)}): "
                "check client_id, the client secret and redirect_uri, "
                "then give a new authorization code as VITRINA_AMOCRM_CODE"
            )
        return reply

    def _pair_of(self, reply: requests.Response, code: str) -> Pair:
        try:
            said = reply.json()
            access, refresh = str(said["access_token"]), str(said["refresh_token"])
            ends = self._now() + float(said["expires_in"])
        except (ValueError, KeyError, TypeError) as error:
            raise Unauthorized(_LOST) from error
        if not (_is_token(access) and _is_token(refresh)):
            raise Unauthorized(_LOST)
        return Pair(access, refresh, ends, code)

    def _is_ending(self, pair: Pair) -> bool:
        return self._now() >= pair.expires_at - EARLY


class _AnswerLost(Exception):
    """The question left, and nobody knows what became of it."""


def expiry(token: str) -> float | None:
    """When a token of the usual form (JWT) says that it ends; its signature is not checked."""
    try:
        claims = token.split(".")[1]
        return float(json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))["exp"])
    except (IndexError, KeyError, ValueError, TypeError):
        return None


def _is_token(text: str) -> bool:
    return bool(text) and _VISIBLE.issuperset(text)


def _no_auth(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Keep a .netrc of this machine out of the question."""
    return request


def _hint(reply: requests.Response) -> str:
    """amoCRM's own word on a refusal; not the token it may quote elsewhere."""
    try:
        return f", {str(reply.json()['hint'])[:80]}"
    except (ValueError, KeyError, TypeError):
        return ""


def _never_left(error: requests.RequestException) -> bool:
    """Whether the connection failed before anything could be sent over it."""
    early = (requests.ConnectTimeout, requests.exceptions.SSLError, requests.exceptions.ProxyError)
    if isinstance(error, early):
        return True
    cause = error.args[0] if error.args else None
    return isinstance(cause, MaxRetryError) and isinstance(cause.reason, NewConnectionError)
