"""The rotating pair of OAuth, and where its account lives."""

import json
import logging
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import requests
from urllib3.exceptions import MaxRetryError, NewConnectionError

from connectors.amocrm import exchange, moved
from connectors.amocrm.bearer import LongLived, Tokens
from connectors.amocrm.client import new_session
from connectors.amocrm.pair import Pair, PairFile, mark
from connectors.base import SourceError, Unauthorized, Unreachable

__all__ = ["EARLY", "LongLived", "OAuthPair", "Tokens"]

log = logging.getLogger(__name__)

EARLY = 300.0
"""Seconds before its end at which an access token is replaced."""

PATH = "/oauth2/access_token"
TIMEOUTS = (5.0, 15.0)  # seconds to connect to the token endpoint, and to wait for it

LOOK_AGAIN_AFTER = 600.0
"""Seconds during which it is believed that an account has not moved."""

_LOST = (
    "amoCRM's answer to the exchange of tokens was lost, and what was sent works only once: "
    "get a new authorization code in the integration's settings and give it as VITRINA_AMOCRM_CODE"
)


class OAuthPair:
    """The pair of an authorization code; every refresh spends the old refresh token for a new pair.

    To lose the new pair is to need an administrator again. Therefore a refresh happens under a lock shared
    with other processes, after reading what they may have stored; that the old one is spent is on the disk
    before it is sent, and the new pair is on the disk before anybody uses it. A refresh without an answer is
    sent a second time only if amoCRM still knows the old token as good. A `code` that was not used yet begins
    a new pair. Where the account has been renamed its new address is looked up, and kept beside the pair.
    Every question is asked within a `turn`.
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
        turn: Callable[[], AbstractContextManager[object]] = nullcontext,
    ) -> None:
        self._home = url.rstrip("/")
        self._keys = {"client_id": client_id, "client_secret": client_secret, "redirect_uri": redirect_uri}
        self._file = PairFile(path)
        self._code = code
        self._now = now
        self._turn = turn
        self._looked_at = float("-inf")
        self._pair: Pair | None = None
        self._refusals: dict[str, SourceError] = {}
        self._guard = threading.Lock()

    @property
    def url(self) -> str:
        """Where the account lives, as far as is known."""
        pair = self._pair
        return pair.url(self._home) if pair else self._home

    def relocated(self) -> bool:
        """Ask where the account lives, now and then; whether another process or this one found a new place."""
        with self._guard, self._file.locked():
            kept, known = self._file.read(), self.url
            if kept is None or kept.is_spent:
                return False
            if kept.url(self._home) == known and self._now() - self._looked_at >= LOOK_AGAIN_AFTER:
                self._looked_at = self._now()
                kept = self._moved(kept)
                self._file.write(kept)
            self._pair = kept
            return self.url != known

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
                if not self._is_unused(kept):
                    raise Unauthorized(_LOST)
                kept = replace(kept, is_spent=False)
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
            status, body = self._exchanged(spent, grant)
            if kept and "refresh_token" in grant and exchange.is_of_another_host(status):
                kept = self._moved(kept)  # the old host used nothing up
                if kept.moved_to != spent.moved_to:
                    spent = replace(kept, is_spent=True)
                    self._file.write(spent)
                    status, body = self._exchanged(spent, grant)
            if error := exchange.error(status, body):
                raise error
        except _AnswerLost as error:
            if "refresh_token" not in grant or not self._is_unused(spent):
                raise Unauthorized(_LOST) from error
            self._put_back(kept)
            raise Unreachable("the exchange of tokens never reached amoCRM") from error
        except SourceError as error:
            if isinstance(error, Unauthorized):
                self._refusals[once] = error
            self._put_back(kept)
            raise
        return self._kept(body, spent)

    def _kept(self, body: bytes, spent: Pair) -> Pair:
        """The new pair of an answer, on the disk."""
        made = exchange.pair(body)
        if made is None:
            raise Unauthorized(_LOST)
        access, refresh, seconds = made
        ends = self._now() + seconds
        pair = replace(spent, access=access, refresh=refresh, expires_at=ends, is_spent=False)
        self._file.write(pair)
        return pair

    def _put_back(self, kept: Pair | None) -> None:
        if kept is None:
            self._file.remove()
        else:
            self._file.write(kept)

    def _exchanged(self, spent: Pair, grant: dict[str, str]) -> tuple[int, bytes]:
        status, body = self._ask("POST", f"{spent.url(self._home)}{PATH}", json={**self._keys, **grant})
        if exchange.is_lost(status):
            raise _AnswerLost
        return status, body

    def _is_unused(self, spent: Pair) -> bool:
        """Whether a refresh token that was sent has stayed good; False where that cannot be found out.

        Should it be used up a moment later after all, then the next exchange is refused: nothing is worse.
        """
        try:
            body = self._looked_up(spent)
        except SourceError:
            return False
        return body is not None and moved.is_about(body, spent.access)

    def _looked_up(self, kept: Pair) -> bytes | None:
        """What amoCRM says of the account of a refresh token, without using it up; None if it is not good."""
        address = moved.whom_to_ask(kept.access, kept.url(self._home))
        if address is None:
            return None
        try:
            status, body = self._ask("GET", address, headers={"X-Refresh-Token": kept.refresh})
        except _AnswerLost as error:
            raise Unreachable("amoCRM did not say where the account lives now") from error
        failure = exchange.error(status, body)
        if failure and failure.retryable:
            raise failure
        return body if status == 200 else None

    def _moved(self, kept: Pair) -> Pair:
        """The pair with the present address of its account."""
        url = kept.url(self._home)
        body = self._looked_up(kept)
        found = moved.new_url(body, kept.access, url) if body else None
        if found is None:
            return kept
        log.warning("amocrm.moved from=%s to=%s", url, found)
        return replace(kept, moved_from=self._home, moved_to=found)

    def _ask(self, method: str, url: str, **more: Any) -> tuple[int, bytes]:
        """Send once, following nothing; _AnswerLost where it left and nothing came back."""
        try:
            with self._turn(), new_session(limit=TIMEOUTS[1]) as session:
                reply = session.request(
                    method, url, timeout=TIMEOUTS, allow_redirects=False, auth=_no_auth, **more
                )
        except requests.RequestException as error:
            if _never_left(error):
                reason = type(error).__name__
                raise Unreachable(f"amoCRM's token endpoint cannot be reached ({reason})") from error
            raise _AnswerLost from error
        return reply.status_code, reply.content

    def _is_ending(self, pair: Pair) -> bool:
        return self._now() >= pair.expires_at - EARLY


class _AnswerLost(Exception):
    """The question left, and nobody knows what became of it."""


def _no_auth(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Keep a .netrc of this machine out of the question."""
    return request


def _never_left(error: requests.RequestException) -> bool:
    """Whether the connection failed before anything could be sent over it."""
    early = (requests.ConnectTimeout, requests.exceptions.SSLError, requests.exceptions.ProxyError)
    if isinstance(error, early):
        return True
    cause = error.args[0] if error.args else None
    return isinstance(cause, MaxRetryError) and isinstance(cause.reason, NewConnectionError)
