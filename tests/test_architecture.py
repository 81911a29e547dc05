"""The house keeps its shape: who may import whom, who owns which library, how long a file may grow."""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROOMS = ("connectors", "sync", "warehouse", "metrics", "webhooks", "exports", "sandbox")

INNER_ROOMS = tuple(room for room in ROOMS if room != "sandbox")

PRIVATE_TO_CONFIG = (
    "config_books",
    "config_checks",
    "config_mapping",
    "config_problems",
    "config_secrets",
    "config_shape",
)

# Importer → what of ours it may import; the longest prefix decides, a unit may always import itself.
MAY_IMPORT: dict[str, tuple[str, ...]] = {
    "connectors": (),
    "warehouse": (),
    "webhooks": (),
    "sandbox": (),
    "sync": ("connectors.base", "warehouse"),
    "metrics": ("warehouse",),
    "exports": ("warehouse",),
    "texts": (),
    "texts_books": (),
    "texts_flaws": (),
    "texts_inputs": (),
    "texts_stamp": (),
    "texts_streams": (),
    "texts_usage": (),
    "config": PRIVATE_TO_CONFIG,
    "config_shape": tuple(sorted({*PRIVATE_TO_CONFIG} - {"config_shape"})),
    "config_books": ("config_checks", "config_secrets"),
    "config_mapping": ("config_checks", "config_problems"),
    "config_secrets": ("config_problems",),
    "config_checks": (),
    "config_problems": (),
    "vitrina": ("cli",),
}
SEES_SANDBOX = ("cli", "demo")

# Library → the only modules that may import it.
OWNERS: dict[str, tuple[str, ...]] = {
    "requests": ("connectors.amocrm.client", "connectors.amocrm.tokens", "exports.google"),
    "tenacity": ("connectors.amocrm", "exports", "warehouse.database"),
    "duckdb": ("warehouse",),
    "pandas": ("connectors.inputs.folder",),
    "gspread": ("exports.google",),
    "google": ("exports.google",),
    "flask": ("webhooks", "sandbox"),
    "waitress": ("webhooks", "sandbox"),
    "werkzeug": ("webhooks", "sandbox"),
    "jinja2": ("webhooks", "sandbox"),
    "cryptography": ("sandbox.google",),
    "urllib3": ("connectors.amocrm",),
    "apscheduler": ("sync.schedule",),
    "yaml": ("config",),
    "pydantic": (
        "config",
        "config_books",
        "config_checks",
        "config_mapping",
        "config_secrets",
        "config_shape",
    ),
    "pydantic_core": ("config", "config_checks"),
    "xlsxwriter": ("exports.xlsx", "exports.xlsx_overlay", "exports.template"),
    "typer": ("cli", "cli_books", "cli_frame", "cli_inputs", "cli_live", "cli_money", "cli_upkeep"),
    "rich": ("screens", "screens_money", "screens_status"),
}

HEAVY = ("duckdb", "pandas", "gspread", "google.auth", "xlsxwriter", "flask", "waitress", "apscheduler")
COMES_WITH = {
    "werkzeug": "flask",
    "jinja2": "flask",
    "google": "google-auth",
    "yaml": "pyyaml",
    "pydantic_core": "pydantic",
}

FILE_BAR, FILE_LIMIT, FUNCTION_BAR = 250, 300, 40


def sources() -> list[Path]:
    """Every module of the product."""
    return sorted(ROOT.glob("*.py")) + sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py"))


def module_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def imports_of(path: Path) -> Iterator[str]:
    """The full names of all that a module imports, wherever in the module it does so."""
    package = list(path.relative_to(ROOT).parent.parts)
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            origin = ".".join([*base, *([node.module] if node.module else [])])
            yield from (f"{origin}.{alias.name}" for alias in node.names)


def is_within(name: str, units: tuple[str, ...]) -> bool:
    return any(name == unit or name.startswith(f"{unit}.") for unit in units)


def roots() -> set[str]:
    return {path.stem for path in ROOT.glob("*.py")} | set(MAY_IMPORT) - set(ROOMS)


def may_import(unit: str) -> tuple[str, ...]:
    """What the plan names; a root module that it does not name composes the others and stays below `cli`."""
    if unit in MAY_IMPORT:
        return MAY_IMPORT[unit]
    hidden = {"cli", "demo", "vitrina", *PRIVATE_TO_CONFIG} - ({"demo"} if unit == "cli" else set())
    return (*INNER_ROOMS, *(("sandbox",) if unit in SEES_SANDBOX else ()), *(roots() - hidden))


def test_every_module_imports_only_what_its_room_may() -> None:
    units = {*ROOMS, *roots()}
    strangers = [
        f"{module} imports {name}"
        for path in sources()
        for module in [module_of(path)]
        for unit in [module.split(".", maxsplit=1)[0]]
        for name in imports_of(path)
        if name.split(".", maxsplit=1)[0] in units - {unit} and not is_within(name, may_import(unit))
    ]

    assert strangers == []


def test_there_are_no_rooms_but_those_of_the_plan() -> None:
    folders = {path.parent.name for path in ROOT.glob("*/__init__.py")}

    assert folders == {*ROOMS, "tests"}


def test_every_library_has_its_owners() -> None:
    strangers = [
        f"{module_of(path)} imports {name}"
        for path in sources()
        for name in imports_of(path)
        for library in [name.split(".", maxsplit=1)[0]]
        if library in OWNERS and not is_within(module_of(path), OWNERS[library])
    ]

    assert strangers == []


def test_the_product_needs_nothing_that_only_tests_bring() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = {re.split(r"[<>=!~ \[]", need, maxsplit=1)[0].lower() for need in project["dependencies"]}
    used = {name.split(".", maxsplit=1)[0] for path in sources() for name in imports_of(path)}
    libraries = used - set(sys.stdlib_module_names) - roots() - set(ROOMS)

    assert {COMES_WITH.get(library, library) for library in libraries} <= declared


def test_all_that_the_product_consists_of_is_packed() -> None:
    tools = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]

    assert set(tools["hatch"]["build"]["targets"]["wheel"]["include"]) == {"/*.py", *(f"/{r}" for r in ROOMS)}


@pytest.mark.parametrize("module", [name for name in ("config", "cli") if (ROOT / f"{name}.py").exists()])
def test_a_verb_pays_only_for_what_it_needs(module: str) -> None:
    script = f"import sys, {module}; print(*sys.modules)"

    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )

    assert set(HEAVY) & set(done.stdout.split()) == set()


def test_no_module_is_named_after_nothing() -> None:
    nameless = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "handler"}

    assert [str(path) for path in sources() if {path.stem, path.parent.name} & nameless] == []


def test_every_module_states_its_idea() -> None:
    silent = [
        module_of(path)
        for path in sources()
        if path.stat().st_size and ast.get_docstring(tree_of(path)) is None
    ]

    assert silent == []


def test_files_stay_short(capsys: pytest.CaptureFixture[str]) -> None:
    lengths = {module_of(path): len(path.read_text(encoding="utf-8").splitlines()) for path in sources()}

    long_files = [f"{module} has {length} lines" for module, length in lengths.items() if length > FILE_BAR]
    warn(capsys, [*long_files, *long_functions()])
    assert [module for module, length in lengths.items() if length > FILE_LIMIT] == []


def long_functions() -> Iterator[str]:
    for path in sources():
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = (node.end_lineno or node.lineno) - node.lineno + 1
                if length > FUNCTION_BAR:
                    yield f"{module_of(path)}.{node.name} has {length} lines"


def warn(capsys: pytest.CaptureFixture[str], findings: list[str]) -> None:
    with capsys.disabled():
        for finding in findings:
            print(f"\nwarning: {finding}", end="")
