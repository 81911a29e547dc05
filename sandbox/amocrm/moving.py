"""Renamed accounts: the new address, what the old one answers, and where the new one is asked for."""

from dataclasses import dataclass, replace
from typing import Literal

from sandbox.amocrm.exchange import Reply, Request, hal, page_of_gateway, problem
from sandbox.amocrm.grants import Grants

SUBDOMAIN_PATH = "/oauth2/account/current/subdomain"
OldHost = Literal["404", "401", "redirect", "page", "serve"]
"""What a host answers that was the account's once; undocumented."""


@dataclass(slots=True)
class Moves:
    """Hosts an account has left, each with its way to answer.

    The host of the beginning goes on as the one all accounts share: the look-up of the new name works there.
    """

    left: dict[str, OldHost]

    def refuse(self, request: Request, url: str) -> Reply | None:
        """What a left host answers; None: serve the request."""
        manner = self.left.get(request.headers.get("host", ""))
        if manner is None or manner == "serve" or request.path == SUBDOMAIN_PATH:
            return None
        if manner == "redirect":
            address = f"{url}{request.path}{'?' if request.query else ''}{request.query}"
            return Reply(301, content_type=None, headers=(("Location", address),))
        if manner == "page":
            return page_of_gateway(404)
        return problem(int(manner))


def subdomain(request: Request, grants: Grants, name: str, url: str) -> Reply:
    """GET of the account's present name, for whoever shows a refresh token that is still good."""
    if request.method != "GET":
        return problem(405)
    if not grants.is_good(request.headers.get("x-refresh-token", "")):
        return problem(401)
    host = url.removeprefix("http://")
    about = {"id": grants.account_id, "subdomain": name, "domain": host, "top_level_domain": "ru"}
    return replace(hal(about), content_type="application/json")
