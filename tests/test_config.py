"""config.yaml and the environment: what is accepted, and what people are told when it is not."""

import dataclasses
import json
import re
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

import config_problems
import config_secrets
from config import Config, ConfigError, Need, Problem, find_config, from_mapping, known_keys, load

ROOT = Path(__file__).parents[1]
MANUAL = (ROOT / "config.yaml").read_text(encoding="utf-8")
TOKEN = {"VITRINA_AMOCRM_TOKEN": "t0ken"}
LEAST = "amocrm: {url: https://acme.amocrm.ru}\n"
KEY = json.dumps(
    {
        "type": "service_account",
        "client_email": "robot@example.iam.gserviceaccount.com",
        "private_key": "PEM",
        "token_uri": "http://127.0.0.1:1/token",
    }
)


def write(folder: Path, text: str) -> Path:
    path = folder / "config.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def problems(
    folder: Path, text: str, environ: Mapping[str, str] = TOKEN, need: frozenset[Need] = frozenset({"amocrm"})
) -> dict[str, Problem]:
    with pytest.raises(ConfigError) as caught:
        load(write(folder, text), environ, need)
    return {config_problems.dotted(problem.where): problem for problem in caught.value.problems}


def kinds(folder: Path, text: str, environ: Mapping[str, str] = TOKEN) -> dict[str, str]:
    return {place: problem.kind for place, problem in problems(folder, text, environ).items()}


# The sample file is the manual.


def examples_switched_on(text: str) -> str:
    """The file after a reader has uncommented every example and removed the line that it replaces."""
    lines: list[str] = []
    in_example = False
    for line in text.splitlines():
        example = re.match(r"#~( *)(.*)", line)
        if example is None:
            in_example = False
            lines.append(line)
            continue
        uncommented = f"  {example[1]}{example[2]}"
        name = re.match(r" *([a-z_]+):", uncommented)
        if not in_example and name and re.match(rf" *{name[1]}: (null|\[\]|{{}})$", lines[-1]):
            lines.pop()
        in_example = True
        lines.append(uncommented)
    return "\n".join(lines)


def keys_of(node: yaml.Node, known: set[tuple[str, ...]], where: tuple[str, ...] = ()) -> Iterator[Any]:
    """(path with `*` for the reader's own names, line) of every key of the file."""
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            path = (*where, key.value)
            if path in known:
                yield path, key.start_mark.line
            else:
                path = (*where, "*")
            yield from keys_of(value, known, path)
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from keys_of(item, known, (*where, "*"))


def test_the_sample_file_loads_as_it_stands() -> None:
    config = load(ROOT / "config.yaml", TOKEN)

    assert config.file == ROOT / "config.yaml"
    assert [book.name for book in config.exports.books] == ["excel"]


def test_the_sample_file_shows_the_defaults_and_nothing_else(tmp_path: Path) -> None:
    shown = load(write(tmp_path, MANUAL), TOKEN)
    defaults = from_mapping({"amocrm": {"url": shown.amocrm.url}}, tmp_path, TOKEN)

    assert shown.exports.model_copy(update={"books": ()}) == defaults.exports
    sections = set(Config.model_fields) - {"exports"}
    assert {name: getattr(shown, name) for name in sections} == {
        name: getattr(defaults, name) for name in sections
    }


def test_the_examples_of_the_sample_file_load_when_switched_on(tmp_path: Path) -> None:
    environ = {"VITRINA_AMOCRM_CLIENT_SECRET": "s", "VITRINA_AMOCRM_CODE": "c"}

    config = load(write(tmp_path, examples_switched_on(MANUAL)), environ)

    assert config.amocrm.oauth is not None
    assert config.mapping.pipelines[1234567].steps[11111112] == "contract"
    assert config.mapping.proof_of_last_payment == "fields"
    assert [(book.kind, book.audience) for book in config.exports.books] == [
        ("xlsx", "owner"), ("sheets", "owner"), ("sheets", "owner"), ("sheets", "manager"), ("xlsx", "manager")
    ]  # fmt: skip


def test_every_key_stands_in_the_sample_file_with_a_comment() -> None:
    text = examples_switched_on(MANUAL)
    lines = text.splitlines()
    known = set(known_keys())
    node = yaml.compose(text, yaml.SafeLoader)
    assert node is not None

    found = dict(keys_of(node, known))

    assert set(found) == known
    bare = [".".join(path) for path, line in found.items() if not lines[line - 1].strip().startswith("#")]
    assert bare == []


def test_every_secret_stands_in_the_sample_environment() -> None:
    named = set(re.findall(r"^(VITRINA_[A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    secrets = {value for value in vars(config_secrets).values() if str(value).startswith("VITRINA_")}

    assert named == secrets | {"VITRINA_CONFIG", "VITRINA_GOOGLE_KEY_FILE"}


# Finding the file.


def test_the_option_goes_before_the_variable_and_the_variable_before_the_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    here, named, chosen = (Path(name) for name in ("config.yaml", "named.yaml", "chosen.yaml"))
    for path in (here, named, chosen):
        path.write_text(LEAST)

    assert find_config(None, {}) == here
    assert find_config(None, {"VITRINA_CONFIG": "named.yaml"}) == named
    assert find_config(chosen, {"VITRINA_CONFIG": "named.yaml"}) == chosen


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"(?s)lost\.yaml.*VITRINA_CONFIG") as caught:
        load(tmp_path / "lost.yaml", TOKEN)

    assert [problem.kind for problem in caught.value.problems] == ["no_file"]


def test_paths_are_relative_to_the_file_not_to_the_place_of_the_caller(tmp_path: Path) -> None:
    text = LEAST + "warehouse: {path: w.duckdb, published: /srv/marts.duckdb}\n"

    config = load(write(tmp_path, text), TOKEN)

    assert config.warehouse.path == tmp_path / "w.duckdb"
    assert config.warehouse.published == Path("/srv/marts.duckdb")
    assert config.sync.inbox == tmp_path / "state/inbox"


# What is accepted.


def test_values_are_read_and_frozen(tmp_path: Path) -> None:
    config = load(write(tmp_path, LEAST + "sync: {since: 2024-05-01, every: {leads: 15}}\n"), TOKEN)

    assert config.sync.since == date(2024, 5, 1)
    assert (config.sync.every.leads, config.sync.every.events) == (15, 30)
    with pytest.raises(ValueError, match="frozen"):
        config.sync.every = config.sync.every


def test_an_empty_section_means_its_defaults(tmp_path: Path) -> None:
    config = load(write(tmp_path, LEAST + "sync:\nmapping:\n  fields:\n"), TOKEN)

    assert config == load(write(tmp_path, LEAST), TOKEN)


@pytest.mark.parametrize(
    ("given_url", "kept"),
    [
        ("https://acme.amocrm.ru", "https://acme.amocrm.ru"),
        ("HTTPS://Acme.Kommo.com/", "https://acme.kommo.com"),
        ("http://127.0.0.1:8123", "http://127.0.0.1:8123"),
        ("http://localhost:8123/", "http://localhost:8123"),
        ("http://[::1]:8123", "http://[::1]:8123"),
    ],
)
def test_the_address_of_an_account_is_brought_to_one_form(tmp_path: Path, given_url: str, kept: str) -> None:
    assert from_mapping({"amocrm": {"url": given_url}}, tmp_path, TOKEN).amocrm.url == kept


@pytest.mark.parametrize(
    "address",
    [
        "acme.amocrm.ru",
        "http://acme.amocrm.ru",
        "https://acme.amocrm.ru/leads",
        "https://acme.amocrm.ru?x=1",
        "https://me:pw@acme.amocrm.ru",
        "https://acme.amocrm.ru:port",
        "https://",
        "ftp://127.0.0.1",
        "https://[oops",
        "",
    ],
)
def test_an_address_of_another_form_is_refused(tmp_path: Path, address: str) -> None:
    assert kinds(tmp_path, f"amocrm: {{url: {json.dumps(address)}}}") == {"amocrm.url": "address"}


def test_the_address_of_the_site_is_told_apart_from_an_account(tmp_path: Path) -> None:
    assert kinds(tmp_path, "amocrm: {url: https://www.amocrm.ru}") == {"amocrm.url": "address_www"}


def test_only_a_stand_in_may_be_asked_faster_than_amocrm_allows(tmp_path: Path) -> None:
    assert from_mapping(
        {"amocrm": {"url": "http://127.0.0.1:1", "requests_per_second": 1000}}, tmp_path, TOKEN
    ).amocrm.requests_per_second == pytest.approx(1000)
    assert kinds(tmp_path, "amocrm: {url: https://acme.amocrm.ru, requests_per_second: 7.5}") == {
        "amocrm.requests_per_second": "pace"
    }


def test_a_spreadsheet_may_be_given_by_id_or_by_its_address(tmp_path: Path) -> None:
    address = "https://docs.google.com/spreadsheets/u/1/d/1aB-c_D/edit#gid=0"
    books = [
        {"name": "a", "kind": "sheets", "spreadsheet": address},
        {"name": "b", "kind": "sheets", "spreadsheet": "1xyz"},
    ]

    config = from_mapping(
        {"amocrm": {"url": "https://acme.amocrm.ru"}, "exports": {"books": books}}, tmp_path, TOKEN
    )

    assert [book.spreadsheet for book in config.exports.books if book.kind == "sheets"] == ["1aB-c_D", "1xyz"]


def test_a_published_copy_is_not_a_spreadsheet(tmp_path: Path) -> None:
    book = "{name: a, kind: sheets, spreadsheet: https://docs.google.com/spreadsheets/d/e/2PACX-1/pubhtml}"

    assert kinds(tmp_path, LEAST + f"exports: {{books: [{book}]}}") == {
        "exports.books[0].spreadsheet": "spreadsheet"
    }


@pytest.mark.parametrize(
    ("book", "place", "kind"),
    [
        ("kind: sheets", "spreadsheet", "missing"),
        ("kind: sheets, for: manager", "spreadsheets", "missing"),
        ("kind: sheets, for: manager, spreadsheet: x", "spreadsheet", "book_for_each"),
        ("kind: sheets, for: sales, spreadsheets: {1: x}", "spreadsheets", "book_for_one"),
        ("kind: sheets, for: manager, spreadsheets: {1: x, 2: x}", "spreadsheets[2]", "book_twice"),
        ("kind: sheets, for: boss, spreadsheet: x", "for", "literal_error"),
        ("kind: sheets, spreadsheet: x, key_env: '{\"type\": 1}'", "key_env", "variable"),
        ("kind: xlsx, for: manager, path: a.xlsx", "path", "path_for_each"),
        ("kind: xlsx, path: a.xlsx, show: {leads_by_day: []}", "show.leads_by_day", "columns"),
    ],
)
def test_a_book_for_readers_is_told_what_it_lacks(tmp_path: Path, book: str, place: str, kind: str) -> None:
    text = LEAST + f"exports: {{books: [{{name: a, {book}}}]}}"

    assert kinds(tmp_path, text) == {f"exports.books[0].{place}": kind}


# The mapping.


def test_a_field_is_a_number_or_a_code_and_roles_are_listed_with_their_paths(tmp_path: Path) -> None:
    text = LEAST + (
        "mapping:\n  fields:\n    source: UTM\n    prepayment: {amount: 1, date: 2}\n"
        "    payments: [{amount: 3, date: 4}, {amount: 5}]\n    costs: {Закуп: 6, Монтаж: 7}\n"
    )

    mapped = list(load(write(tmp_path, text), TOKEN).mapping.fields.mapped())

    assert mapped == [
        (("source",), "UTM"),
        (("prepayment", "amount"), 1),
        (("prepayment", "date"), 2),
        (("payments", 0, "amount"), 3),
        (("payments", 0, "date"), 4),
        (("payments", 1, "amount"), 5),
        (("costs", "Закуп"), 6),
        (("costs", "Монтаж"), 7),
    ]


@pytest.mark.parametrize("value", ["1.5", "true", "0", "-5", "''", "[1]"])
def test_what_is_no_field_is_refused(tmp_path: Path, value: str) -> None:
    assert kinds(tmp_path, LEAST + f"mapping: {{fields: {{source: {value}}}}}") == {
        "mapping.fields.source": "field"
    }


def test_no_amount_is_counted_by_two_roles(tmp_path: Path) -> None:
    text = LEAST + "mapping:\n  fields:\n    costs: {a: 1, b: 1}\n"

    assert kinds(tmp_path, text) == {"mapping.fields.costs.b": "field_twice"}


def test_two_payments_may_share_a_date(tmp_path: Path) -> None:
    text = LEAST + "mapping: {fields: {payments: [{amount: 1, date: 9}, {amount: 2, date: 9}]}}"

    assert len(load(write(tmp_path, text), TOKEN).mapping.fields.payments) == 2


def test_the_closing_statuses_are_known_without_being_mapped(tmp_path: Path) -> None:
    text = LEAST + (
        "mapping:\n  pipelines:\n    1: {kind: sales, steps: {10: new}}\n    2: {kind: service}\n"
        "    3: {kind: expenses}\n"
    )

    pipelines = load(write(tmp_path, text), TOKEN).mapping.pipelines

    assert pipelines[1].steps == {10: "new", 142: "won", 143: "lost"}
    assert pipelines[2].steps == {142: "won", 143: "lost"}
    assert pipelines[3].steps == {}


def test_steps_that_contradict_amocrm_are_refused(tmp_path: Path) -> None:
    text = LEAST + (
        "mapping:\n  pipelines:\n    1: {kind: sales, steps: {142: lost}}\n"
        "    2: {kind: expenses, steps: {5: new}}\n    3: {kind: sales, steps: {5: signed}}\n"
        "    name: {kind: sales}\n"
    )

    assert kinds(tmp_path, text) == {
        "mapping.pipelines[1].steps": "won_and_lost",
        "mapping.pipelines[2].steps": "steps_of_expenses",
        "mapping.pipelines[3].steps[5]": "literal_error",
        "mapping.pipelines.name": "int_type",
    }


@pytest.mark.parametrize(
    ("mapping", "proof"),
    [
        ("{}", "won"),
        ("{fields: {payments: [{amount: 1, date: 2}]}}", "fields"),
        ("{last_payment: won, fields: {payments: [{amount: 1, date: 2}]}}", "won"),
    ],
)
def test_the_proof_of_the_last_payment_follows_the_mapping(tmp_path: Path, mapping: str, proof: str) -> None:
    config = load(write(tmp_path, LEAST + f"mapping: {mapping}"), TOKEN)

    assert config.mapping.proof_of_last_payment == proof


def test_fields_cannot_prove_a_payment_that_is_not_mapped(tmp_path: Path) -> None:
    assert kinds(tmp_path, LEAST + "mapping: {last_payment: fields}") == {
        "mapping.last_payment": "payments_unmapped"
    }


# What people are told.


def test_all_that_is_wrong_is_told_at_once_with_paths_and_lines(tmp_path: Path) -> None:
    text = (
        "amocrm:\n  url: acme.amocrm.ru\n  attemps: 3\n"
        "sync:\n  overlap: -1\n  every:\n    leads: yes\n    events: '30'\n"
        "warehouse:\n  threads: 2.5\n  memory_limit: lots\n"
        "webhooks: {port: 70000, host: }\nmapping: {timezone: Moscow}\nlog: {level: LOUD}\n"
        "exports:\n  books:\n    - {name: a, kind: xlsx, path: a.xls}\n    - {name: b}\n    - {kind: csv}\n"
    )

    found = problems(tmp_path, text, {})

    assert {place: (problem.kind, problem.line) for place, problem in found.items()} == {
        "amocrm.url": ("address", 2),
        "amocrm.attemps": ("extra_forbidden", 3),
        "sync.overlap": ("greater_than_equal", 5),
        "sync.every.leads": ("int_type", 7),
        "sync.every.events": ("int_type", 8),
        "warehouse.threads": ("int_type", 10),
        "warehouse.memory_limit": ("memory", 11),
        "webhooks.port": ("less_than_equal", 12),
        "webhooks.host": ("string_type", 12),
        "mapping.timezone": ("zone", 13),
        "log.level": ("literal_error", 14),
        "exports.books[0].path": ("xlsx", 17),
        "exports.books[1]": ("union_tag_not_found", 18),
        "exports.books[2]": ("union_tag_invalid", 19),
        "VITRINA_AMOCRM_TOKEN": ("secret_missing", None),
    }


def test_each_quoted_number_is_told_with_its_own_line(tmp_path: Path) -> None:
    text = (
        "amocrm: {url: https://a.amocrm.ru}\nmapping:\n  pipelines:\n"
        '    "12": {kind: sales, steps: {new: [1]}}\n'
        '    "34":\n      kind: slaes\n'
    )

    found = problems(tmp_path, text)

    assert (found["mapping.pipelines.12"].kind, found["mapping.pipelines.12"].line) == ("int_type", 4)
    assert (found["mapping.pipelines.34"].kind, found["mapping.pipelines.34"].line) == ("int_type", 5)
    assert found["mapping.pipelines.34.kind"].line == 6
    told = found["mapping.pipelines.34.kind"].sentence("ru")
    assert told == "допустимо только: sales, service, expenses"


def test_an_unknown_key_comes_with_the_likely_one(tmp_path: Path) -> None:
    assert "(attempts?)" in problems(tmp_path, "amocrm: {url: https://a.amocrm.ru, attemps: 3}")[
        "amocrm.attemps"
    ].sentence("ru")


@pytest.mark.parametrize(("locale", "word"), [("ru", "строка 2"), ("en", "line 2")])
def test_messages_are_in_the_language_of_the_reader(tmp_path: Path, locale: str, word: str) -> None:
    with pytest.raises(ConfigError, match=word):
        load(write(tmp_path, f"locale: {locale}\nfoo: 1\n{LEAST}"), TOKEN)


def test_every_sentence_exists_in_both_languages_with_the_same_details() -> None:
    for russian, english in config_problems._SENTENCES.values():
        assert re.search("[а-я]", russian)
        assert not re.search("[а-я]", english)
        assert set(re.findall(r"{\w+}", russian)) == set(re.findall(r"{\w+}", english))


def test_no_value_of_the_file_is_repeated_in_a_message(tmp_path: Path) -> None:
    text = (
        "amocrm: {url: s3cret-value, token: s3cret-value, attempts: s3cret-value}\n"
        "mapping: {timezone: s3cret-value, fields: {source: [s3cret-value]}}\n"
        "exports: {books: [{name: a, kind: s3cret-value}]}\nlog: s3cret-value\n"
    )

    with pytest.raises(ConfigError) as caught:
        load(write(tmp_path, text), {"VITRINA_AMOCRM_TOKEN": "Bearer s3cret-value"})

    assert len(caught.value.problems) == 8
    assert "s3cret-value" not in str(caught.value)


def test_a_secret_in_the_file_is_sent_to_the_environment(tmp_path: Path) -> None:
    assert kinds(tmp_path, "amocrm: {url: https://a.amocrm.ru, access_token: x}") == {
        "amocrm.access_token": "secret_in_file"
    }


def test_a_repeated_key_is_refused_with_both_lines(tmp_path: Path) -> None:
    found = problems(tmp_path, LEAST + "sync:\n  overlap: 1\n  overlap: 2\n")["sync.overlap"]

    assert (found.kind, found.details["first"], found.line) == ("duplicate_key", 3, 4)


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("amocrm: {\n  url", 2, 6),
        ("a: b: c", 1, 5),
        ("a:\n\tb: 1", 2, 1),
        ("a: *b", 1, 4),
        ("a: &x [*x]", 1, 4),
    ],
)
def test_a_yaml_error_names_line_and_column(tmp_path: Path, text: str, line: int, column: int) -> None:
    (found,) = problems(tmp_path, text).values()

    assert (found.kind, found.line, found.details["column"]) == ("syntax", line, column)


def test_a_file_in_another_encoding_is_told(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_bytes("# Настройки\n".encode("cp1251"))

    with pytest.raises(ConfigError, match="UTF-8"):
        load(path, TOKEN)


@pytest.mark.parametrize("text", ["", "# nothing\n", "amocrm:\n"])
def test_an_empty_file_lacks_only_the_address(tmp_path: Path, text: str) -> None:
    assert kinds(tmp_path, text) == {"amocrm.url": "missing"}


@pytest.mark.parametrize("text", ["[1, 2]", "text", "5"])
def test_a_file_without_keys_is_refused(tmp_path: Path, text: str) -> None:
    assert kinds(tmp_path, text) == {"": "model_type"}


def test_the_copy_for_readers_is_never_the_warehouse_itself(tmp_path: Path) -> None:
    text = LEAST + "warehouse: {path: a.duckdb, published: ./a.duckdb}"

    assert kinds(tmp_path, text) == {"warehouse.published": "same_file"}


def test_two_books_share_neither_name_nor_place(tmp_path: Path) -> None:
    books = "[{name: a, kind: xlsx, path: a.xlsx}, {name: a, kind: xlsx, path: b.xlsx}]"
    assert kinds(tmp_path, LEAST + f"exports: {{books: {books}}}") == {"exports.books[1].name": "book_twice"}

    books = "[{name: a, kind: xlsx, path: a.xlsx}, {name: b, kind: xlsx, path: ./a.xlsx}]"
    assert kinds(tmp_path, LEAST + f"exports: {{books: {books}}}") == {"exports.books[1].path": "book_twice"}


@pytest.mark.parametrize("path", ["x/../a.xlsx", "linked/a.xlsx", "{place}/a.xlsx", "a.xlsx"])
def test_a_file_is_the_same_however_it_is_spelled(tmp_path: Path, path: str) -> None:
    (tmp_path / "linked").symlink_to(tmp_path)
    path = path.format(place=tmp_path)
    books = f"[{{name: a, kind: xlsx, path: a.xlsx}}, {{name: b, kind: xlsx, path: {path}}}]"

    assert kinds(tmp_path, LEAST + f"exports: {{books: {books}}}") == {"exports.books[1].path": "book_twice"}


@pytest.mark.parametrize(
    ("other", "is_taken"),
    [
        ("7.xlsx", True),
        ("x/../7.xlsx", True),
        ("all.xlsx", False),
        ("x/7.xlsx", False),
        ("'1{id}.xlsx', for: manager", True),
        ("'1{id}2.xlsx', for: manager", True),
        ("'{id}/{id}.xlsx', for: manager", False),
        ("'all {id}.xlsx', for: manager", False),
    ],
)
@pytest.mark.parametrize("comes_first", [True, False])
def test_the_file_of_a_manager_is_no_other_books(
    tmp_path: Path, other: str, is_taken: bool, comes_first: bool
) -> None:
    pair = [
        "{name: a, kind: xlsx, for: manager, path: '{id}.xlsx'}",
        f"{{name: b, kind: xlsx, path: {other}}}",
    ]
    books = ", ".join(pair if comes_first else reversed(pair))

    found = twice(tmp_path, books)

    assert found == ("exports.books[1].path" if is_taken else None)


def twice(folder: Path, books: str) -> str | None:
    """Which key of these books names what another one has already."""
    try:
        load(write(folder, LEAST + f"exports: {{books: [{books}]}}"), TOKEN)
    except ConfigError as error:
        (problem,) = error.problems
        assert problem.kind == "book_twice"
        return config_problems.dotted(problem.where)
    return None


@pytest.mark.parametrize("comes_first", [True, False])
def test_the_name_of_a_managers_book_is_no_other_books(tmp_path: Path, comes_first: bool) -> None:
    many = "{name: a, kind: sheets, for: manager, spreadsheets: {7: one, 8: two}}"
    for name, is_taken in (("a/7", True), ("a/9", False)):
        pair = [many, f"{{name: {name}, kind: sheets, spreadsheet: three}}"]
        books = ", ".join(pair if comes_first else reversed(pair))

        assert twice(tmp_path, books) == ("exports.books[1].name" if is_taken else None)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(sorted({key[-1] for key in known_keys()})), inner, max_size=4)
        ),
        max_leaves=20,
    )
)
def test_whatever_stands_in_the_file_ends_in_a_config_or_in_sentences(content: Any) -> None:
    found: tuple[Problem, ...] = ()
    try:
        from_mapping(content, Path("/nowhere"), TOKEN)
    except ConfigError as error:
        found = error.problems

    assert [problem for problem in found if problem.sentence("en") == problem.otherwise] == []


# Secrets.


def test_only_what_the_verb_needs_is_asked_for(tmp_path: Path) -> None:
    path = write(tmp_path, LEAST)

    config = load(path, {}, need=frozenset())

    assert config.secrets.amocrm_token is None
    assert set(problems(tmp_path, LEAST, {}, frozenset({"amocrm", "webhook", "google"}))) == {
        "VITRINA_AMOCRM_TOKEN",
        "VITRINA_WEBHOOK_SECRET",
    }


def test_the_key_of_google_is_needed_where_there_is_a_spreadsheet(tmp_path: Path) -> None:
    text = LEAST + "exports: {books: [{name: a, kind: sheets, spreadsheet: x}]}"

    assert set(problems(tmp_path, text, {}, frozenset({"google"}))) == {"VITRINA_GOOGLE_KEY"}
    config = load(tmp_path / "config.yaml", {"VITRINA_GOOGLE_KEY": KEY}, frozenset({"google"}))
    assert config.secrets.google_key is not None
    assert json.loads(config.secrets.google_key.get_secret_value())["type"] == "service_account"


def test_a_book_may_have_a_robot_of_its_own(tmp_path: Path) -> None:
    text = LEAST + "exports: {books: [{name: a, kind: sheets, spreadsheet: x, key_env: OTHER}]}"

    found = problems(tmp_path, text, {}, frozenset({"google"}))
    assert {place: problem.kind for place, problem in found.items()} == {"OTHER": "secret_missing"}
    assert problems(tmp_path, text, {"OTHER": "{"}, frozenset({"google"}))["OTHER"].kind == "google_key"
    secrets = load(write(tmp_path, text), {"OTHER": KEY}, frozenset({"google"})).secrets
    assert (list(secrets.google_keys), secrets.google_key) == (["OTHER"], None)
    assert "PEM" not in repr(secrets)


@pytest.mark.parametrize("key", ["{", "[]", '{"type": "authorized_user"}', KEY.replace("PEM", "")])
def test_what_is_no_key_of_a_robot_is_refused(tmp_path: Path, key: str) -> None:
    text = LEAST + "exports: {books: [{name: a, kind: sheets, spreadsheet: x}]}"

    found = problems(tmp_path, text, {"VITRINA_GOOGLE_KEY": key}, frozenset({"google"}))

    assert [problem.kind for problem in found.values()] == ["google_key"]


def test_a_secret_may_lie_in_a_file_beside_the_configuration(tmp_path: Path) -> None:
    (tmp_path / "token.txt").write_text("  t0ken\n")

    config = load(write(tmp_path, LEAST), {"VITRINA_AMOCRM_TOKEN_FILE": "token.txt"})

    assert config.secrets.amocrm_token is not None
    assert config.secrets.amocrm_token.get_secret_value() == "t0ken"


@pytest.mark.parametrize(
    ("environ", "place", "kind"),
    [
        ({"VITRINA_AMOCRM_TOKEN": "  "}, "VITRINA_AMOCRM_TOKEN", "secret_missing"),
        ({"VITRINA_AMOCRM_TOKEN": "Bearer x"}, "VITRINA_AMOCRM_TOKEN", "secret_malformed"),
        ({"VITRINA_AMOCRM_TOKEN": "токен"}, "VITRINA_AMOCRM_TOKEN", "secret_malformed"),
        ({"VITRINA_AMOCRM_TOKEN_FILE": "no"}, "VITRINA_AMOCRM_TOKEN_FILE", "secret_unreadable"),
        ({**TOKEN, "VITRINA_AMOCRM_TOKEN_FILE": "no"}, "VITRINA_AMOCRM_TOKEN", "secret_twice"),
    ],
)
def test_a_secret_that_cannot_be_used_is_told(
    tmp_path: Path, environ: dict[str, str], place: str, kind: str
) -> None:
    assert kinds(tmp_path, LEAST, environ) == {place: kind}


@pytest.mark.parametrize(
    "secret", ["short", "fifteen-letters", "with a blank inside it", "слово-подлиннее-шестнадцати"]
)
def test_a_webhook_secret_must_be_hard_to_guess_and_fit_an_address(tmp_path: Path, secret: str) -> None:
    found = problems(tmp_path, LEAST, {"VITRINA_WEBHOOK_SECRET": secret}, frozenset({"webhook"}))

    assert [problem.kind for problem in found.values()] == ["secret_short"]


def test_a_secret_that_is_not_needed_is_never_complained_of(tmp_path: Path) -> None:
    environ = {**TOKEN, "VITRINA_WEBHOOK_SECRET": "short", "VITRINA_GOOGLE_KEY_FILE": "no"}

    config = load(write(tmp_path, LEAST), environ)

    assert config.secrets.webhook is None


def test_oauth_asks_for_the_code_only_until_there_is_a_file_of_tokens(tmp_path: Path) -> None:
    text = (
        "amocrm:\n  url: https://acme.amocrm.ru\n"
        "  oauth: {client_id: id, redirect_uri: https://x.example, tokens_file: tokens.json}\n"
    )
    secret = {"VITRINA_AMOCRM_CLIENT_SECRET": "s"}

    assert set(problems(tmp_path, text, secret)) == {"VITRINA_AMOCRM_CODE"}
    (tmp_path / "tokens.json").write_text("{}")
    assert load(write(tmp_path, text), secret).secrets.amocrm_token is None
    assert set(problems(tmp_path, text, {})) == {"VITRINA_AMOCRM_CLIENT_SECRET"}


def test_a_broken_file_still_tells_which_secrets_are_missing(tmp_path: Path) -> None:
    text = "amocrm: {oauth: {client_id: id}}\nexports: {books: [{kind: sheets}]}\n"

    found = problems(tmp_path, text, {}, frozenset({"amocrm", "google"}))

    assert {"amocrm.url", "VITRINA_AMOCRM_CLIENT_SECRET", "VITRINA_GOOGLE_KEY"} <= set(found)
    assert "VITRINA_AMOCRM_TOKEN" not in found


def test_secrets_are_never_printed(tmp_path: Path) -> None:
    environ = {
        "VITRINA_AMOCRM_TOKEN": "s3cret-token",
        "VITRINA_WEBHOOK_SECRET": "s3cret-hook-secret",
        "VITRINA_GOOGLE_KEY": KEY.replace("PEM", "s3cret-pem"),
    }
    text = LEAST + "exports: {books: [{name: a, kind: sheets, spreadsheet: x}]}"

    config = load(write(tmp_path, text), environ, frozenset({"amocrm", "webhook", "google"}))

    shown = f"{config!r} {config.secrets!r} {config.model_dump_json()} {dataclasses.asdict(config.secrets)}"
    assert "s3cret" not in shown
