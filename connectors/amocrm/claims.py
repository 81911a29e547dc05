"""What a token says of itself: it is a JWT, whose claims anybody can read. Its signature is not checked."""

import base64
import json
import string
from typing import Any

_VISIBLE = frozenset(string.ascii_letters + string.digits + string.punctuation)


def claims(token: str) -> dict[str, Any]:
    """The claims of a token of the usual form; none of any other."""
    try:
        part = token.split(".")[1]
        said = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (IndexError, ValueError):
        return {}
    return said if isinstance(said, dict) else {}


def expiry(token: str) -> float | None:
    """When a token says that it ends (unix seconds)."""
    try:
        return float(claims(token)["exp"])
    except (KeyError, ValueError, TypeError):
        return None


def is_token(text: str) -> bool:
    """Whether a text can be a token at all."""
    return bool(text) and _VISIBLE.issuperset(text)
