"""What the bench found: figure by figure, each beside its aim where it has one."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

MIB = 2**20


def is_big() -> bool:
    """Whether the huge account is asked for (`make bench BIG=1`), in place of the large ones."""
    return os.environ.get("BIG", "") not in ("", "0")


def wanted_leads(usual: int) -> int:
    """How large the account is to be."""
    return int(os.environ.get("BENCH_LEADS") or usual)


def slowest(built: Mapping[str, Any], number: int) -> str:
    """So many of the marts that took longest in a build, each with its seconds."""
    return ", ".join(f"{name} {seconds:.2f}" for name, seconds in list(built["slowest"].items())[:number])


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured figure; `verdict` is empty where nothing was promised."""

    name: str
    value: str
    aim: str = ""
    verdict: str = ""


@dataclass(slots=True)
class Findings:
    """The figures of one run, in the order in which they were found."""

    figures: list[Figure] = field(default_factory=list)

    def note(self, name: str, value: str) -> None:
        """A figure without an aim: it is there to be compared with."""
        self._add(Figure(name, value))

    def at_least(self, name: str, value: float, aim: float, text: str) -> None:
        """A figure that should reach its aim; `text` is how both are written."""
        self._add(_judged(name, value, aim, text, "≥", is_met=value >= aim))

    def at_most(self, name: str, value: float, aim: float, text: str) -> None:
        """A figure that should stay below its aim; `text` is how both are written."""
        self._add(_judged(name, value, aim, text, "≤", is_met=value <= aim))

    def table(self) -> str:
        """The figures side by side, with how busy the machine is."""
        busy = ", ".join(f"{load:.1f}" for load in os.getloadavg())
        head = Figure(f"{os.cpu_count()} cores, load {busy}", "found", "aim")
        rows = [head, *self.figures]
        names, values, aims = (
            max(len(text) for text in column)
            for column in zip(*((row.name, row.value, row.aim) for row in rows), strict=True)
        )
        return "\n".join(
            f"{row.name:<{names}}  {row.value:>{values}}  {row.aim:>{aims}}  {row.verdict}".rstrip()
            for row in rows
        )

    def _add(self, figure: Figure) -> None:
        self.figures.append(figure)
        print(f"  {figure.name}: {figure.value} {figure.verdict}".rstrip(), flush=True)


def _judged(name: str, value: float, aim: float, text: str, sign: str, *, is_met: bool) -> Figure:
    return Figure(name, text.format(value), f"{sign} {text.format(aim)}", "ok" if is_met else "short")
