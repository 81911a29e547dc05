"""config.yaml and the environment become one frozen Config, or one error that names everything to correct."""

import re
from collections.abc import Collection, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from config_books import WHOSE, SheetsBook, XlsxBook
from config_checks import ALL
from config_problems import DEFAULT_LOCALE, ConfigError, Locale, Problem, Where
from config_secrets import GOOGLE_KEY, Need, SecretReader, Secrets, read_secrets
from config_shape import Config, known_keys

__all__ = [
    "ALL",
    "GOOGLE_KEY",
    "WHOSE",
    "Config",
    "ConfigError",
    "Need",
    "Problem",
    "Secrets",
    "SheetsBook",
    "XlsxBook",
    "find_config",
    "from_mapping",
    "known_keys",
    "load",
]

VARIABLE = "VITRINA_CONFIG"
DEFAULT_FILE = Path("config.yaml")
AMOCRM: frozenset[Need] = frozenset({"amocrm"})

_SECRET_WORDS = ("token", "secret", "password", "code", "key")


def find_config(option: Path | None, environ: Mapping[str, str]) -> Path:
    """The file to read: the option, else VITRINA_CONFIG, else ./config.yaml; ConfigError if there is none."""
    path = option or Path(environ.get(VARIABLE) or DEFAULT_FILE).expanduser()
    if not path.is_file():
        raise ConfigError([Problem("no_file", ())], path)
    return path


def load(path: Path | None, environ: Mapping[str, str], need: Collection[Need] = AMOCRM) -> Config:
    """The configuration of that file, or of the one found, with the secrets that `need` asks for."""
    file = find_config(path, environ)
    try:
        text = file.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise ConfigError([Problem("unreadable", (), {"reason": error.strerror})], file) from error
    except UnicodeDecodeError as error:
        raise ConfigError([Problem("not_utf8", ())], file) from error
    reading = _Reading(file.absolute().parent, file)
    return reading.config(reading.parse(text), environ, need)


def from_mapping(
    content: Mapping[str, Any], folder: Path, environ: Mapping[str, str], need: Collection[Need] = AMOCRM
) -> Config:
    """The configuration that a file with this content would give, were it in `folder`."""
    return _Reading(folder).config(content, environ, need)


class _Reading:
    """One reading of one file: its problems are collected, so that all are told at once."""

    def __init__(self, folder: Path, file: Path | None = None) -> None:
        self._folder = folder
        self._file = file
        self._lines: dict[Where, int] = {}
        self._problems: list[Problem] = []

    def parse(self, text: str) -> object:
        """The content of the file; the lines of its keys and the repeated ones are remembered."""
        try:
            loader = yaml.SafeLoader(text)
            node = loader.get_single_node()
            if node is None:
                return {}
            self._note_lines(node, (), set())
            return loader.construct_document(node)
        except yaml.YAMLError as error:
            raise ConfigError([*self._problems, _syntax(error)], self._file) from error

    def config(self, content: object, environ: Mapping[str, str], need: Collection[Need]) -> Config:
        config: Config | None = None
        try:
            config = Config.model_validate(content, context={"folder": self._folder})
        except ValidationError as error:
            self._problems += [self._problem(detail, content) for detail in error.errors()]
        locale = config.locale if config else _locale(content)
        oauth = config.amocrm.oauth if config else None
        reader = SecretReader(environ, self._folder, locale)
        secrets = read_secrets(
            reader,
            need,
            oauth=bool(_dig(content, ("amocrm", "oauth"))),
            first_time=oauth is not None and not oauth.tokens_file.exists(),
            google=_keys_of_robots(content),
            inputs=bool(_dig(content, ("inputs", "spreadsheet"))),
        )
        self._problems += reader.problems
        if config is None or self._problems:
            raise ConfigError(self._problems, self._file, locale)
        return config.completed(secrets, self._file)

    def _note_lines(self, node: yaml.Node, where: Where, open_nodes: set[int]) -> None:
        if id(node) in open_nodes:  # an alias inside its own anchor
            raise yaml.MarkedYAMLError(problem="alias inside itself", problem_mark=node.start_mark)
        children: list[tuple[str | int, int, yaml.Node]] = []
        if isinstance(node, yaml.MappingNode):
            children = [(_key(key), key.start_mark.line + 1, value) for key, value in node.value]
        elif isinstance(node, yaml.SequenceNode):
            children = [(n, item.start_mark.line + 1, item) for n, item in enumerate(node.value)]
        for key, line, child in children:
            path = (*where, key)
            if self._lines.setdefault(path, line) != line:
                self._problems.append(Problem("duplicate_key", path, {"first": self._lines[path]}, line))
            else:
                self._note_lines(child, path, open_nodes | {id(node)})

    def _problem(self, detail: ErrorDetails, content: object) -> Problem:
        details = dict(detail.get("ctx") or {})
        where = _where(detail["loc"], content)
        where = (*where, *details.pop("below", ()))
        kind = detail["type"]
        if kind == "extra_forbidden":
            name = str(where[-1])
            details["hint"] = _hint(where)
            if not details["hint"] and any(word in name.lower() for word in _SECRET_WORDS):
                kind = "secret_in_file"
        for choice in details.keys() & {"expected", "expected_tags"}:
            details[choice] = details[choice].replace(" or ", ", ").replace("'", "")
        known = (where[:length] for length in range(len(where), 0, -1))
        line = next((self._lines[path] for path in known if path in self._lines), None)
        return Problem(kind, where, details, line, otherwise=detail["msg"])


def _syntax(error: yaml.YAMLError) -> Problem:
    mark = getattr(error, "problem_mark", None)
    reason = getattr(error, "problem", None) or getattr(error, "reason", None) or "?"
    column = mark.column + 1 if mark else "?"
    return Problem("syntax", (), {"column": column, "reason": reason}, mark.line + 1 if mark else None)


def _key(node: yaml.Node) -> str | int:
    if isinstance(node, yaml.ScalarNode):
        is_number = node.style is None and re.fullmatch(r"[1-9]\d*", node.value)  # in quotes it is a text
        return int(node.value) if is_number else str(node.value)
    return "?"


def _where(location: Sequence[str | int], content: object) -> Where:
    """The path in the file: without the marks that pydantic adds for a kind of book or for a key."""
    where: list[str | int] = []
    for part in location:
        is_kind = isinstance(content, Mapping) and part not in content and content.get("kind") == part
        if part != "[key]" and not is_kind:
            where.append(part)
            content = _dig(content, (part,))
    return tuple(where)


def _hint(where: Where) -> str:
    beside = {
        key[-1]
        for key in known_keys()
        if len(key) == len(where) and all(k in ("*", w) for k, w in zip(key[:-1], where[:-1], strict=True))
    }
    close = get_close_matches(str(where[-1]), beside, n=1)
    return f" ({close[0]}?)" if close else ""


def _dig(content: object, where: Where) -> object:
    for part in where:
        if isinstance(content, Mapping):
            content = content.get(part)
        elif isinstance(content, list | tuple) and isinstance(part, int) and part < len(content):
            content = content[part]
        else:
            return None
    return content


def _locale(content: object) -> Locale:
    locale = _dig(content, ("locale",))
    return "en" if locale == "en" else DEFAULT_LOCALE


def _keys_of_robots(content: object) -> list[str]:
    """The variables that hold the keys of those who write spreadsheets."""
    books = _dig(content, ("exports", "books"))
    found = books if isinstance(books, list | tuple) else ()
    keys = (_dig(book, ("key_env",)) or GOOGLE_KEY for book in found if _dig(book, ("kind",)) == "sheets")
    return list(dict.fromkeys(key for key in keys if isinstance(key, str)))
