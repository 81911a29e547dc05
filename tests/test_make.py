"""`make` prepares its own place, and says so where it cannot."""

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

PIP_ONLY = {"UV": ""}
BOTH = {"UV": "false"}


@pytest.mark.parametrize(
    "tools", [PIP_ONLY, BOTH, {**BOTH, "PYTHON": ""}], ids=["pip", "uv and pip", "uv alone"]
)
@pytest.mark.parametrize("target", ["demo", "test"])
def test_that_nothing_could_be_installed_is_told(tmp_path: Path, tools: dict[str, str], target: str) -> None:
    for name in ("Makefile", "pyproject.toml", "uv.lock"):
        shutil.copy(ROOT / name, tmp_path)
    words = [f"{name}={value}" for name, value in ({"PYTHON": "false"} | tools).items()]

    done = subprocess.run(
        ["make", target, *words], cwd=tmp_path, capture_output=True, text=True, timeout=30, check=False
    )

    assert done.returncode == 2
    assert "PIP_INDEX_URL" in done.stderr
    assert ("trying pip" in done.stdout) == (tools == BOTH)
    assert not (tmp_path / ".venv" / ".ready").exists()
