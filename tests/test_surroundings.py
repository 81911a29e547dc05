"""The guard around the tests: nothing leaves this machine, nothing of its owner comes in."""

import os
import socket

import pytest

from tests.conftest import OutsideReached

DOCUMENTATION_ADDRESS = "192.0.2.1"  # RFC 5737: leads nowhere


def test_a_connection_to_the_outside_is_refused() -> None:
    with socket.socket() as plug, pytest.raises(OutsideReached, match=DOCUMENTATION_ADDRESS):
        plug.connect((DOCUMENTATION_ADDRESS, 80))


def test_a_name_of_the_outside_is_not_looked_up() -> None:
    with pytest.raises(OutsideReached, match=r"acme\.example"):
        socket.create_connection(("acme.example", 443), timeout=1)


def test_this_machine_can_be_talked_to(free_port: int) -> None:
    with (
        socket.create_server(("127.0.0.1", free_port)),
        socket.create_connection(("localhost", free_port), 5),
    ):
        pass


def test_no_secret_of_this_machine_is_seen() -> None:
    assert [name for name in os.environ if name.startswith("VITRINA_")] == []
