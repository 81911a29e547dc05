"""Asking the stand-in account over HTTP, as the tests of it do."""

from typing import Any

import requests

from sandbox.amocrm import AmoServer


class Caller:
    """A session that knows the address and the token."""

    def __init__(self, server: AmoServer) -> None:
        self.server = server
        self.session = requests.Session()
        self.session.headers["Authorization"] = f"Bearer {server.token}"

    def get(self, path: str, **params: Any) -> requests.Response:
        return self.session.get(f"{self.server.url}/api/v4{path}", params=params or None, timeout=5)

    def items(self, path: str, **params: Any) -> list[dict[str, Any]]:
        reply = self.get(path, **params)
        if reply.status_code == 204:
            return []
        assert reply.status_code == 200, reply.text
        return list(next(iter(reply.json()["_embedded"].values())))

    def ids(self, path: str, **params: Any) -> list[Any]:
        return [item["id"] for item in self.items(path, **params)]
