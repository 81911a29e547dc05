"""Google's own description of the API, held next to what is said here; only tests have it at hand."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from importlib.resources import files
from typing import Any

from sandbox.google.errors import Malformed

_TYPES: Mapping[str, type | tuple[type, ...]] = {
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "array": list,
    "object": dict,
}


class ReplyViolation(AssertionError):
    """The stand-in answered something that the API's description does not allow."""


class Discovery:
    """Checks requests (refused with 400) and replies (a defect of the stand-in: kept and raised)."""

    def __init__(self) -> None:
        text = (
            files("googleapiclient.discovery_cache.documents").joinpath("sheets.v4.json").read_text("utf-8")
        )
        document = json.loads(text)
        self.schemas: Mapping[str, Any] = document["schemas"]
        self._common = set(document["parameters"])
        self._methods = list(_methods(document["resources"]))
        self.violations: list[str] = []

    def check_request(self, verb: str, path: str, query: set[str], body: Any) -> None:
        method = self._method(verb, path)
        found = [
            f"unknown query parameter {name}" for name in query - self._common - set(method["parameters"])
        ]
        if "request" in method and body is not None:
            found += self.problems(body, method["request"]["$ref"])
        if found:
            raise Malformed("", "; ".join(found[:5]))

    def check_reply(self, verb: str, path: str, body: Any) -> None:
        found = self.problems(body, self._method(verb, path)["response"]["$ref"])
        if found:
            self.violations += [f"{verb} {path}: {problem}" for problem in found]
            raise ReplyViolation("; ".join(found[:5]))

    def problems(self, value: Any, schema: str) -> list[str]:
        """What about `value` is not as the schema of that name says."""
        return list(self._walk(value, {"$ref": schema}, schema))

    def _method(self, verb: str, path: str) -> Mapping[str, Any]:
        for pattern, method in self._methods:
            if method["httpMethod"] == verb and pattern.fullmatch(path):
                found: Mapping[str, Any] = method
                return found
        raise Malformed("", f"no method {verb} {path}")

    def _walk(self, value: Any, schema: Mapping[str, Any], place: str) -> Iterator[str]:
        if value is None:
            return
        schema = self.schemas[schema["$ref"]] if "$ref" in schema else schema
        kind = schema.get("type", "any")
        if kind in _TYPES and not _is(value, kind):
            yield f"{place}: {type(value).__name__} instead of {kind}"
        elif "enum" in schema and value not in schema["enum"]:
            yield f"{place}: {value!r} is not one of the enum"
        elif kind == "array":
            for number, item in enumerate(value):
                yield from self._walk(item, schema["items"], f"{place}[{number}]")
        elif kind == "object":
            for name, item in value.items():
                inner = schema.get("properties", {}).get(name) or schema.get("additionalProperties")
                if inner is None:
                    yield f"{place}: unknown field {name}"
                else:
                    yield from self._walk(item, inner, f"{place}.{name}")


def _is(value: Any, kind: str) -> bool:
    return isinstance(value, _TYPES[kind]) and (kind == "boolean" or not isinstance(value, bool))


def _methods(resources: Mapping[str, Any]) -> Iterator[tuple[re.Pattern[str], Mapping[str, Any]]]:
    """Paths in braces match one piece; a range may hold anything, so those methods come last."""
    found = []
    for resource in resources.values():
        for method in resource.get("methods", {}).values():
            path = re.sub(r"\{range\}", "(.+)", "/" + method["flatPath"])
            found.append((re.compile(re.sub(r"\{\w+\}", "[^/:]+", path)), method))
        found += _methods(resource.get("resources", {}))
    yield from sorted(found, key=lambda pair: ("(.+)" in pair[0].pattern, -len(pair[0].pattern)))
