"""The company's own choices that the marts ask for, as variables of the warehouse."""

from collections.abc import Mapping

from warehouse.database import Transaction


def choose(tx: Transaction, choices: Mapping[str, str | int | float]) -> None:
    """Let the next build know the choices: `getvariable('name')` gives each; fractions are exact decimals."""
    for name, value in choices.items():
        word = f"'{value}'" if isinstance(value, str) else f"cast({value!r} as decimal(9, 6))"
        tx.execute(f"set variable {name} = {value if isinstance(value, int) else word}")
