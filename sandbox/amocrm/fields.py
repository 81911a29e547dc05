"""Custom fields: their definitions and the shape of a value in API replies and in the account's history."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.amocrm.truth import Value

# The codes 1..11 are those of the second API version; the rest are not published and not verified.
TYPE_NUMBERS = {
    "text": 1, "numeric": 2, "checkbox": 3, "select": 4, "multiselect": 5, "date": 6, "url": 7,
    "multitext": 8,
    "textarea": 9, "radiobutton": 10, "streetaddress": 11, "smart_address": 13, "birthday": 14,
    "legal_entity": 15,
    "items": 16, "category": 18, "date_time": 19, "price": 20, "tracking_data": 21, "linked_entity": 22,
    "chained_list": 23, "monetary": 24, "file": 25, "payer": 26, "supplier": 27,
}  # fmt: skip
ADDRESS_PARTS = {"address_line_1": 1, "address_line_2": 2, "city": 3, "state": 4, "zip": 5, "country": 6}
_CHOICES = ("select", "radiobutton")
_SEVERAL = ("multiselect", "category")


@dataclass(frozen=True, slots=True)
class Choice:
    """One option of a select-like field."""

    id: int
    value: str
    sort: int
    code: str | None = None


@dataclass(slots=True)
class Field:
    """The definition of a custom field."""

    id: int
    name: str
    type: str
    entity: str
    sort: int
    code: str | None = None
    choices: dict[int, Choice] = field(default_factory=dict)
    is_predefined: bool = False
    is_api_only: bool = False
    currency: str | None = None
    group_id: str | None = None
    head: str = field(init=False, default="")
    """The envelope of this field's values, as JSON text up to the values themselves."""

    def __post_init__(self) -> None:
        self.rename(self.name)

    def rename(self, name: str) -> None:
        self.name = name
        names = {"field_id": self.id, "field_name": name, "field_code": self.code, "field_type": self.type}
        self.head = compact(names)[:-1] + ',"values":'

    def choice(self, text: str) -> Choice:
        """The option called `text`; KeyError if there is none."""
        for choice in self.choices.values():
            if text in (choice.value, choice.code):
                return choice
        raise KeyError(f"{self.name}: no option {text!r}")


def compact(thing: Any) -> str:
    """JSON as this API writes it: no blanks, letters as they are."""
    return json.dumps(thing, ensure_ascii=False, separators=(",", ":"))


def settle(definition: Field, value: Any, zone: ZoneInfo) -> Value:
    """The form in which the account keeps a value; None means empty.

    Texts and numbers are str, moments are unix seconds (a date is its midnight in the account's zone), an
    option is its id, several options and addresses, phones and lists are tuples, composite values are dicts.
    """
    if value is None or (isinstance(value, str | tuple | list | dict) and not value):
        return None
    return _SETTLERS[definition.type](definition, value, zone)


def shown(definition: Field, value: Value) -> list[dict[str, Any]]:
    """The `values` list of a reply; an option that was deleted is left out."""
    kind = definition.type
    if kind in (*_CHOICES, *_SEVERAL):
        options = value if kind in _SEVERAL else (value,)
        return [_shown_option(definition, one) for one in options if one in definition.choices]
    if kind == "multitext":
        return [
            {"value": text, "enum_id": _option(definition, code), "enum_code": code} for text, code in value
        ]
    if kind == "smart_address":
        return [{"value": text, "enum_id": ADDRESS_PARTS[part], "enum_code": part} for part, text in value]
    if kind == "chained_list":
        return [{"catalog_id": catalog, "catalog_element_id": element} for catalog, element in value]
    if kind == "items":
        return [{"value": one} for one in value]
    return [{"value": value}]


def shown_all(definitions: Iterable[Field], values: Mapping[int, Value]) -> str:
    """`custom_fields_values` as JSON: in the account's order, without the empty ones; `null` for none."""
    parts = [
        f"{definition.head}{compact(told)}}}"
        for definition in definitions
        if definition.id in values and (told := shown(definition, values[definition.id]))
    ]
    return f"[{','.join(parts)}]" if parts else "null"


def remembered(definition: Field, value: Value) -> tuple[dict[str, Any], ...]:
    """The value as an event tells it; an empty field leaves nothing to tell."""
    if value is None:
        return ()
    number = TYPE_NUMBERS[definition.type]
    return tuple(
        {
            "custom_field_value": {
                "field_id": definition.id,
                "field_type": number,
                "enum_id": one.get("enum_id"),
                "text": _text(one.get("value", one)),
            }
        }
        for one in shown(definition, value)
    )


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "1" if value else "0"
    return compact(value) if isinstance(value, dict) else str(value)


def _number(value: Any) -> str:
    number = Decimal(str(value))
    return str(int(number)) if number == number.to_integral_value() else str(number)


def _moment(value: Any, zone: ZoneInfo) -> int:
    if isinstance(value, datetime):
        return int(value.timestamp())
    if isinstance(value, date):
        return int(datetime(value.year, value.month, value.day, tzinfo=zone).timestamp())
    return int(value)


def _option(definition: Field, value: Any) -> int:
    """The id of an option given by its id, text or code."""
    if isinstance(value, int):
        return definition.choices[value].id
    return definition.choice(value).id


def _shown_option(definition: Field, option_id: int) -> dict[str, Any]:
    choice = definition.choices[option_id]
    return {"value": choice.value, "enum_id": choice.id, "enum_code": choice.code}


def _settled_text(_definition: Field, value: Any, _zone: ZoneInfo) -> str:
    return str(value)


def _settled_dict(_definition: Field, value: Any, _zone: ZoneInfo) -> dict[str, Any]:
    return dict(value)


_SETTLERS: dict[str, Callable[[Field, Any, ZoneInfo], Value]] = {
    **dict.fromkeys(("text", "textarea", "url", "streetaddress", "tracking_data", "price"), _settled_text),
    **dict.fromkeys(("numeric", "monetary"), lambda _, value, __: _number(value)),
    **dict.fromkeys(("date", "birthday", "date_time"), lambda _, value, zone: _moment(value, zone)),
    **dict.fromkeys(_CHOICES, lambda definition, value, _: _option(definition, value)),
    **dict.fromkeys(_SEVERAL, lambda definition, value, _: tuple(_option(definition, one) for one in value)),
    **dict.fromkeys(("legal_entity", "file", "linked_entity", "payer", "supplier"), _settled_dict),
    "checkbox": lambda _, value, __: bool(value),
    "multitext": lambda _, value, __: tuple((str(text), str(code)) for text, code in value),
    "smart_address": lambda _, value, __: tuple(
        (part, str(value[part])) for part in ADDRESS_PARTS if part in value
    ),
    "chained_list": lambda _, value, __: tuple((int(catalog), int(element)) for catalog, element in value),
    "items": lambda _, value, __: tuple(dict(one) for one in value),
}
"""Type → how a value given by a person becomes what is kept."""
