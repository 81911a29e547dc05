"""What every test may lean on: a free port, and a network that ends at this machine."""

import ipaddress
import os
import socket
import sys
from collections.abc import Generator, Iterator
from typing import Any

import pytest

LONGEST = (
    "test_stops",
    "test_drift",
    "test_explain",
    "test_by_deal",
    "test_figures_are_true",
    "test_convergence",
)
"""Modules that take minutes on a busy machine, each of which is one worker's."""


class OutsideReached(AssertionError):
    """A test tried to leave this machine."""


def pytest_configure(config: pytest.Config) -> None:
    """Where bytecode may not be written beside the sources, it goes to a folder of the tests' own.

    Workers and the programs that tests start are dozens of processes, each of which would compile every import anew.
    """
    if sys.dont_write_bytecode and config.cache is not None:
        sys.pycache_prefix = os.environ["PYTHONPYCACHEPREFIX"] = str(config.cache.mkdir("bytecode"))
        sys.dont_write_bytecode = False
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


@pytest.hookimpl(wrapper=True, optionalhook=True)
def pytest_xdist_auto_num_workers() -> Generator[None, int, int]:
    """With `-n auto` one worker more than there are processors: it works while others wait for a service or a tail.

    Who names a number (PYTEST_XDIST_AUTO_NUM_WORKERS) gets that number.
    """
    workers = yield
    return workers if "PYTEST_XDIST_AUTO_NUM_WORKERS" in os.environ else workers + 1


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest modules go first: one that begins last would be waited for by workers with nothing left to do."""
    rank = {name: number for number, name in enumerate(LONGEST)}
    items.sort(key=lambda item: rank.get(item.path.stem, len(LONGEST)))


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return host == "localhost"


def _refuse_the_outside(host: object) -> None:
    name = host.decode("idna") if isinstance(host, bytes) else host
    if isinstance(name, str) and name and not _is_loopback(name):
        raise OutsideReached(f"a test may talk to 127.0.0.1 only, not to {name}")


@pytest.fixture(scope="session", autouse=True)
def patch_for_all() -> Iterator[pytest.MonkeyPatch]:
    """Changes of the surroundings that hold for the whole session."""
    with pytest.MonkeyPatch.context() as patch:
        yield patch


@pytest.fixture(scope="session", autouse=True)
def no_outside(patch_for_all: pytest.MonkeyPatch) -> None:
    """Connections and name look-ups that leave this machine fail aloud, in every thread."""
    connect, connect_ex, look_up = socket.socket.connect, socket.socket.connect_ex, socket.getaddrinfo

    def guarded_connect(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6):
            _refuse_the_outside(address[0])
        connect(self, address)

    def guarded_connect_ex(self: socket.socket, address: Any) -> int:
        if self.family in (socket.AF_INET, socket.AF_INET6):
            _refuse_the_outside(address[0])
        return connect_ex(self, address)

    def guarded_look_up(host: Any, *rest: Any, **named: Any) -> Any:
        _refuse_the_outside(host)
        return look_up(host, *rest, **named)

    patch_for_all.setattr(socket.socket, "connect", guarded_connect)
    patch_for_all.setattr(socket.socket, "connect_ex", guarded_connect_ex)
    patch_for_all.setattr(socket, "getaddrinfo", guarded_look_up)


@pytest.fixture
def free_port() -> int:
    """A port of 127.0.0.1 that nobody listened on a moment ago."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    assert isinstance(port, int)
    return port


@pytest.fixture(scope="session", autouse=True)
def no_secrets_of_this_machine(patch_for_all: pytest.MonkeyPatch) -> None:
    """No test depends on what the person who runs it has in the environment."""
    for name in [name for name in os.environ if name.startswith("VITRINA_")]:
        patch_for_all.delenv(name)
