"""What the stand-in answers when it refuses: Google's status codes and its error body."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


class ApiError(Exception):
    """A refusal that travels to the caller as Google's JSON error."""

    status = 500
    reason = "INTERNAL"

    def __init__(self, message: str, details: Sequence[dict[str, Any]] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.details = tuple(details)

    def body(self) -> dict[str, Any]:
        error: dict[str, Any] = {"code": self.status, "message": self.message, "status": self.reason}
        if self.details:
            error["details"] = list(self.details)
        return {"error": error}


class Invalid(ApiError):
    """The request cannot be carried out as it stands."""

    status = 400
    reason = "INVALID_ARGUMENT"

    def within(self, place: str) -> Invalid:
        """The same refusal, saying which part of the batch it is about."""
        return Invalid(f"Invalid {place}: {self.message}", self.details)


class Malformed(Invalid):
    """The body does not have the shape of the message; no part of it was looked at further."""

    def __init__(self, field: str, message: str) -> None:
        violation = {"field": field, "description": message} if field else {"description": message}
        super().__init__(
            message,
            [{"@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": [violation]}],
        )

    def within(self, place: str) -> Invalid:  # noqa: ARG002 - the field says it already
        return self


class Unauthenticated(ApiError):
    """There is no access token, or it is unknown, expired or withdrawn."""

    status = 401
    reason = "UNAUTHENTICATED"

    def __init__(self) -> None:
        super().__init__(
            "Request had invalid authentication credentials. Expected OAuth 2 access token, "
            "login cookie or other valid authentication credential."
        )


class Forbidden(ApiError):
    """The caller is known, and this is not theirs to do."""

    status = 403
    reason = "PERMISSION_DENIED"

    def __init__(
        self, message: str = "The caller does not have permission", details: Sequence[dict[str, Any]] = ()
    ) -> None:
        super().__init__(message, details)


class NotFound(ApiError):
    """There is no such spreadsheet, or no such method."""

    status = 404
    reason = "NOT_FOUND"

    def __init__(self, message: str = "Requested entity was not found.") -> None:
        super().__init__(message)


class QuotaExceeded(ApiError):
    """The minute's allowance is used up."""

    status = 429
    reason = "RESOURCE_EXHAUSTED"


class NotOffered(ApiError):
    """Google can do this and the stand-in deliberately cannot."""

    status = 501
    reason = "UNIMPLEMENTED"


class Unavailable(ApiError):
    """The service is overloaded; what was asked may or may not have happened."""

    status = 503
    reason = "UNAVAILABLE"

    def __init__(self) -> None:
        super().__init__("The service is currently unavailable.")
