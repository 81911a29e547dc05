"""What opens an account; the simplest of it, a long-lived token."""

from collections.abc import Callable
from typing import Any, Protocol

from connectors.amocrm.claims import expiry, is_token
from connectors.base import Unauthorized


class Tokens(Protocol):
    """Whoever can say which token to send now, and where to."""

    @property
    def url(self) -> str | None:
        """Where the account lives; None where that is only known from the configuration."""

    def current(self) -> str:
        """The token to send."""

    def refreshed(self, rejected: str) -> str:
        """Another token than the `rejected` one; Unauthorized where there is none."""

    def relocated(self) -> bool:
        """Look where the account lives; whether `url` is another one now."""


class LongLived:
    """A token that an administrator made for years; only a person can replace it."""

    def __init__(self, token: str) -> None:
        self._token = token.strip()
        if not is_token(self._token):
            raise Unauthorized(
                "the amoCRM token is empty or holds characters that no token has: copy it again, whole, "
                "from the integration's settings"
            )

    @property
    def url(self) -> None:
        """Unknown: only a refresh token can ask for it."""

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

    def relocated(self) -> bool:
        """Never."""
        return False


def bearing(token: str) -> Callable[[Any], Any]:
    """The token as a header; given as `auth`, it keeps a .netrc of this machine from replacing it."""

    def put(request: Any) -> Any:
        request.headers["Authorization"] = f"Bearer {token}"
        return request

    return put
