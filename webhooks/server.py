"""The door: a delivery is checked, kept, and answered at once."""

import errno
import hmac
import logging
from collections.abc import Callable, Mapping
from typing import Any

from flask import Flask, abort, jsonify, request
from flask.typing import ResponseReturnValue

log = logging.getLogger(__name__)

MAX_BODY = 1_048_576
_FULL = {errno.ENOSPC, errno.EDQUOT}


def create_app(
    keep: Callable[[bytes], None],
    secret: str,
    health: Callable[[], Mapping[str, Any]],
    max_body: int = MAX_BODY,
) -> Flask:
    """Build the app; `keep` must make a delivery durable before it returns.

    amoCRM waits two seconds, repeats after any answer that is not 1xx or 2xx, and switches a hook off after
    too many of those: so nothing is understood here, and only what was not kept is refused. `health` says
    under `ok` whether all is well.
    """
    if not secret:
        raise ValueError("the door needs a secret")
    app = Flask(__name__, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = max_body
    expected = secret.encode()

    @app.post("/webhooks/amocrm/<key>")
    def receive(key: str) -> ResponseReturnValue:
        if not hmac.compare_digest(key.encode("utf-8", "surrogatepass"), expected):
            abort(404)
        body = request.get_data(cache=False)
        try:
            keep(body)
        except Exception as error:  # all of them: left to Flask, it would log the path, and the key with it
            log.exception("door.not_kept bytes=%d", len(body))
            is_full = isinstance(error, OSError) and error.errno in _FULL
            return "", 507 if is_full else 500
        return "", 204

    @app.get("/healthz")
    def healthz() -> ResponseReturnValue:
        said = _told(health)
        return jsonify(said), 200 if said.get("ok") else 503

    return app


def _told(health: Callable[[], Mapping[str, Any]]) -> Mapping[str, Any]:
    try:
        return health()
    except Exception:
        log.exception("door.health_unknown")
        return {"ok": False}
