"""A small door on this machine through which another process drives the stand-in and asks it for the truth."""

import json
import logging
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs

from sandbox.amocrm.acts import Acts
from sandbox.amocrm.exchange import JSON, Reply, Request
from sandbox.amocrm.fields import compact
from sandbox.amocrm.server import AmoServer
from sandbox.amocrm.wires import Outcome, Wires
from sandbox.amocrm.witness import counters, deliveries, truth

log = logging.getLogger(__name__)


class Control:
    """POST /act takes an order, or a list of them; GET /truth, /counters and /deliveries tell.

    A refused order is answered 400 with {"error": …} and changes nothing else; the account goes on.
    """

    def __init__(self, server: AmoServer, acts: Acts, port: int = 0) -> None:
        self._server, self._acts = server, acts
        self._wires = Wires(self._serve, port)
        self.url = self._wires.url

    def start(self) -> None:
        self._wires.start()

    def stop(self) -> None:
        """The staff goes home and the door closes."""
        self._acts.stop()
        self._wires.stop()

    def _serve(self, request: Request) -> Outcome:
        try:
            return Outcome(_reply(200, self._answer(request)))
        except LookupError as error:
            return Outcome(_reply(400, {"error": f"not found: {error}"}))
        except (ArithmeticError, AttributeError, TypeError, ValueError) as error:
            log.debug("control.refused path=%s", request.path, exc_info=True)
            return Outcome(_reply(400, {"error": str(error)}))

    def _answer(self, request: Request) -> Any:
        asked = {name: values[-1] for name, values in parse_qs(request.query).items()}
        if (request.method, request.path) == ("POST", "/act"):
            orders = json.loads(request.body)
            if isinstance(orders, list):
                return {"results": [self._acts.do(order) for order in orders]}
            return {"result": self._acts.do(orders)}
        if request.method == "GET":
            return self._told(request.path, asked)
        raise KeyError(f"no {request.method} {request.path}")

    def _told(self, path: str, asked: Mapping[str, str]) -> Any:
        server = self._server
        if path == "/truth":
            return truth(server.account, tuple(asked.get("of", "leads").split(",")))
        if path == "/counters":
            return {
                **counters(server),
                "acts": self._acts.done,
                "working": self._acts.working,
                "url": server.url,
            }
        if path == "/deliveries":
            status = int(asked["status"]) if "status" in asked else None
            return deliveries(server, int(asked.get("first", 0)), status)
        raise KeyError(f"no GET {path}")


def _reply(status: int, thing: Any) -> Reply:
    return Reply(status, compact(thing).encode(), JSON)
