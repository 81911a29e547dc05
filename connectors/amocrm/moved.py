"""Where a renamed account lives now: whom to ask, and what to believe of the answer. No I/O.

A refresh token is shown for that, so it goes to hosts of amoCRM alone, and an answer counts only if it is
about the same account: names are given away, ids are not.
"""

import ipaddress
import json
import re
from typing import Any
from urllib.parse import urlsplit

from connectors.amocrm.claims import claims

PATH = "/oauth2/account/current/subdomain"
FAMILY = ("amocrm.ru", "amocrm.com", "kommo.com")

_HOST = re.compile(r"[a-z0-9.-]+(:\d{1,5})?")


def whom_to_ask(access: str, url: str) -> str | None:
    """The address of the look-up, as an access token names it; None if it names none that can be trusted."""
    base = _trusted(claims(access).get("api_domain"), url)
    return f"{base}{PATH}" if base else None


def new_url(body: bytes, access: str, url: str) -> str | None:
    """The account's address in the answer of the look-up; None if it is another account's, or the same."""
    found = _trusted(_read(body).get("domain"), url) if is_about(body, access) else None
    return found if found != url.rstrip("/") else None


def is_about(body: bytes, access: str) -> bool:
    """Whether an answer of the look-up is about the account of this access token."""
    account_id = claims(access).get("account_id")
    return account_id is not None and _read(body).get("id") == account_id


def _read(body: bytes) -> dict[str, Any]:
    try:
        said = json.loads(body)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def _trusted(host: object, url: str) -> str | None:
    """The URL of a host of amoCRM; of this machine only for an account that is on this machine, too."""
    if not isinstance(host, str) or not _HOST.fullmatch(host):
        return None
    own = urlsplit(url)
    if _is_loopback(own.hostname or "") and _is_loopback(host.partition(":")[0]):
        return f"{own.scheme}://{host}"
    is_of_family = any(host.endswith(f".{domain}") for domain in FAMILY)
    return f"https://{host}" if is_of_family and not _is_loopback(own.hostname or "") else None


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
