"""What the README says is so: verbs, options, keys, defaults, secrets, exit codes, marts, commands."""

import re
import shlex
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, get_args, get_origin

import pytest
import typer
from pydantic import BaseModel

import cli
import cli_frame
import config_secrets
import texts_flaws
import texts_stamp
from config import VARIABLE, Config
from exports.layout import LAYOUT
from jobs import RECONCILED, STREAMS
from metrics import catalog

ROOT = Path(__file__).parents[1]
PAGES = ("README.md", "README.ru.md")
SECTIONS_SHOWN = {
    "mapping.fields.prepayment",
    "amocrm.oauth",
}  # sections that are null unless they are needed
NUMBER = "mapping.pipelines.NUMBER"


@cache
def page(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def rows(name: str, first_cell: str) -> list[list[str]]:
    """The rows of the table whose heading begins with that cell."""
    table = page(name).split(f"| {first_cell} |", 1)[1].split("\n\n", 1)[0]
    return [
        [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        for line in table.splitlines()[2:]
    ]


def commands(name: str) -> Iterator[str]:
    """Every line of the page that people are told to type, and every call of a verb within a sentence."""
    for block in re.findall(r"```(?:sh)?\n(.*?)```", page(name), flags=re.DOTALL):
        yield from (
            line.strip() for line in block.splitlines() if line.strip().startswith(("vitrina ", "make "))
        )
    prose = re.sub(r"```.*?```", "", page(name), flags=re.DOTALL)
    yield from (code for code in re.findall(r"`((?:vitrina|make) [^`]+)`", prose) if code != "vitrina demo")


def verbs() -> dict[str, Any]:
    """Every verb by name; those of a group with the group's name before theirs."""
    command: Any = typer.main.get_command(cli.app)
    known: dict[str, Any] = {}
    for name, verb in command.commands.items():
        members = getattr(verb, "commands", None)
        known |= {f"{name} {member}": each for member, each in members.items()} if members else {name: verb}
    return known


def options(verb: Any) -> set[str]:
    named = {option for parameter in verb.params for option in (*parameter.opts, *parameter.secondary_opts)}
    return {option for option in named if option.startswith("--")} - {"--help"}


def test_every_verb_stands_there_with_all_its_options() -> None:
    told = {
        " ".join(word for word in words[1].split()[1:] if word.islower()): set(
            re.findall(r"--[a-z-]+", words[2])
        )
        for words in ([cell, cell.strip("`"), after] for cell, after, _ in rows("README.md", "verb"))
    }

    assert told == {name: options(verb) for name, verb in verbs().items()}


@pytest.mark.parametrize("name", PAGES)
def test_every_command_that_is_shown_exists(name: str) -> None:
    targets = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE))
    known = verbs()
    marts, books = {model.name for model in catalog.load()}, {"owner", "excel"}
    places = {"sync": {*STREAMS, "[STREAM…]"}, "build": {*marts, "[MART…]"}, "export": {*books, "[BOOK…]"}}
    places |= {"reconcile": {*RECONCILED, "[STREAM…]"}}
    places |= {"models": {*marts, "MART", "[MART]"}, "show": {*marts, "MART"}}
    places |= {"explain": {*marts, "MODEL"}, "diff": {*marts, "MART", "[MART]"}}
    shown = [shlex.split(command, comments=True) for command in commands(name)]

    assert shown
    for program, verb, *words in shown:
        if program != "make" and verb not in known and words:
            verb, *words = f"{verb} {words[0]}", *words[1:]  # noqa: PLW2901 – a verb of a group
        if program == "make":
            assert verb in targets, verb
            continue
        assert verb in known, verb
        assert {word.partition("=")[0] for word in words if word.startswith("--")} <= options(known[verb]), (
            words
        )
        free = [word for word in words if re.fullmatch(r"[a-z_]+", word)]
        values = {
            words[n + 1] for n, word in enumerate(words[:-1]) if word in ("--format", "--folder", "--column")
        }
        assert set(free) - values <= places.get(verb, set()), (verb, free)


def test_every_key_stands_there_with_its_default() -> None:
    told = {key.strip("`"): default.strip("`") for key, default, _ in rows("README.md", "key")}

    assert told == defaults()


def defaults(annotation: object = Config, where: str = "") -> dict[str, str]:
    """Every key as the README writes it, with its default; sections that only hold others are left out."""
    if not is_section(annotation):
        item = (
            ".NUMBER" if get_origin(annotation) is dict else "[]" if get_origin(annotation) is tuple else ""
        )
        parts = (defaults(part, where + item) for part in get_args(annotation))
        return {key: default for part in parts for key, default in part.items()}
    assert isinstance(annotation, type)
    assert issubclass(annotation, BaseModel)
    found: dict[str, str] = {}
    for name, field in annotation.model_fields.items():
        key = f"{where}.{field.alias or name}".lstrip(".")
        if not is_section(field.annotation):
            found[key] = (
                "required" if field.is_required() else written(field.get_default(call_default_factory=True))
            )
        found |= defaults(field.annotation, key)
    return found


def is_section(annotation: object) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def written(default: object) -> str:
    names: dict[object, str] = {None: "null"}
    if isinstance(default, dict):
        return "{}"
    if isinstance(default, tuple):
        return f"[{', '.join(map(written, default))}]"
    if isinstance(default, bool):
        return str(default).lower()
    return names.get(default, str(default))


def test_every_secret_stands_there_and_in_the_sample() -> None:
    names = {value for name, value in vars(config_secrets).items() if str(value).startswith("VITRINA_")}
    sample = (ROOT / ".env.example").read_text(encoding="utf-8")

    assert {cell.strip("`") for cell, _ in rows("README.md", "variable")} == names | {VARIABLE}
    assert all(re.search(rf"^{name}(_FILE)?=", sample, flags=re.MULTILINE) for name in names | {VARIABLE})


@pytest.mark.parametrize(("name", "heading"), [("README.md", "exit code"), ("README.ru.md", "Код")])
def test_every_exit_code_stands_there(name: str, heading: str) -> None:
    codes = {
        getattr(cli_frame, code) for code in ("DONE", "FAILED", "BAD_USAGE", "IN_PART", "BUSY", "INTERRUPTED")
    }

    assert {int(code) for code, _ in rows(name, heading)} == codes


def test_every_stream_stands_there() -> None:
    (listed,) = re.findall(r"^Streams: (.*?)\.$", page("README.md"), flags=re.MULTILINE | re.DOTALL)

    assert tuple(re.findall(r"`(\w+)`", listed)) == STREAMS


def test_every_mart_stands_there_as_its_header_defines_it() -> None:
    expected = [
        [f"`{model.name}`", model.title, ", ".join(model.grain), model.meaning]
        for model in sorted(catalog.load(), key=lambda model: model.name)
    ]
    table = "\n".join(f"| {' | '.join(row)} |" for row in expected)

    assert rows("README.md", "mart") == expected, f"the rows must read:\n{table}"


def test_the_owner_finds_every_tab_explained() -> None:
    assert [cell.strip("«»") for cell, _ in rows("README.ru.md", "Лист")] == [tab.title for tab in LAYOUT]


@pytest.mark.parametrize("name", PAGES)
def test_every_link_leads_to_a_file(name: str) -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", page(name))

    assert [link for link in links if not (ROOT / link).exists()] == []


@pytest.mark.parametrize("name", PAGES)
def test_every_stop_that_an_owner_may_read_is_explained(name: str) -> None:
    flaws = [re.sub(r"\{\w+\}", "…", what) for what, _ in texts_flaws._FLAWS.values()]
    stops = [*texts_stamp._STOPS.values(), texts_stamp.stopped("something else"), *flaws]

    assert [words for words in stops if f"«{words}»" not in page(name)] == []
