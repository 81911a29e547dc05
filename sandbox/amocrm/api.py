"""What every resource needs to answer: the account, its address, its manners, and what is visible of it."""

from dataclasses import dataclass, field
from typing import Any

from sandbox.amocrm.account import Account
from sandbox.amocrm.exchange import Request
from sandbox.amocrm.fields import compact
from sandbox.amocrm.manners import Manners
from sandbox.amocrm.shelf import Shelf


@dataclass(slots=True)
class Api:
    account: Account
    url: str
    manners: Manners
    shelves: dict[str, Shelf[Any, Any]] = field(default_factory=dict)
    is_admin: bool = True

    def href(self, path: str, query: str = "") -> dict[str, Any]:
        """`_links` of one object."""
        return {"self": {"href": f"{self.url}{path}{'?' if query else ''}{query}"}}

    def tail(self, collection: str, request: Request) -> tuple[str, str]:
        """What stands before and after an item's id in its own link: items repeat the query of their list."""
        query = compact(request.query)[1:-1]
        before = f',"_links":{{"self":{{"href":"{self.url}/api/v4/{collection}/'
        return before, f'{"?" if query else ""}{query}"}}}}'
