"""The company's own choices that the marts ask for, as variables of the warehouse."""

from collections.abc import Mapping

from warehouse.database import Transaction

Choice = str | int | float | tuple[str, ...] | None


def choose(tx: Transaction, choices: Mapping[str, Choice]) -> None:
    """Let the next build know the choices: `getvariable('name')` gives each; fractions are exact decimals."""
    for name, value in choices.items():
        tx.execute(f"set variable {name} = {_literal(value)}")


def _literal(value: Choice) -> str:
    if value is None:
        return "null"
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    if isinstance(value, tuple):
        return f"cast([{', '.join(map(_literal, value))}] as varchar[])"
    return str(value) if isinstance(value, int) else f"cast({value!r} as decimal(9, 6))"
