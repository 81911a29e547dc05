"""What an answer of the token endpoint means. No I/O."""

import json

from connectors.amocrm.claims import is_token
from connectors.base import Blocked, NotFound, RateLimited, ServerFailed, SourceError, Unauthorized


def is_of_another_host(status: int) -> bool:
    """Whether the account may have moved: so answers a host that knows nothing of it."""
    return status in (401, 404) or 300 <= status < 400


def is_lost(status: int) -> bool:
    """Whether nobody knows what became of the question."""
    return status == 504


def error(status: int, body: bytes) -> SourceError | None:
    """The error that an answer stands for; nothing was used up by a question answered so."""
    if status == 200:
        return None
    if status == 429:
        return RateLimited("amoCRM's token endpoint asks to wait")
    if status >= 500:
        return ServerFailed(f"amoCRM's token endpoint answered {status}")
    if status == 404 or 300 <= status < 400:
        return NotFound(f"amoCRM's token endpoint answered {status}: check amocrm.url")
    if status == 403 and not _hint(body):
        return Blocked("amoCRM has blocked this integration or address: its support must unblock it")
    return Unauthorized(
        f"amoCRM refused the exchange of tokens ({status}{_hint(body)}): "
        "check client_id, the client secret and redirect_uri, "
        "then give a new authorization code as VITRINA_AMOCRM_CODE"
    )


def pair(body: bytes) -> tuple[str, str, float] | None:
    """Access token, refresh token and the seconds the first one lives; None if the answer holds no such."""
    try:
        said = json.loads(body)
        access, refresh, seconds = str(said["access_token"]), str(said["refresh_token"]), said["expires_in"]
        return (access, refresh, float(seconds)) if is_token(access) and is_token(refresh) else None
    except (ValueError, KeyError, TypeError):
        return None


def _hint(body: bytes) -> str:
    """amoCRM's own word on a refusal; not the token it may quote elsewhere."""
    try:
        return f", {str(json.loads(body)['hint'])[:80]}"
    except (ValueError, KeyError, TypeError):
        return ""
