"""Which figures wear a colour, and when: what is overdue, below plan, negative, incomplete. The first rule wins."""

from collections.abc import Mapping

from exports.tones import (
    AMBER,
    BAD,
    BLUE,
    GOOD,
    GREEN,
    GREY,
    RED,
    VIOLET,
    WARNING,
    ColourLayout,
    Tone,
)


def _on(*columns: str, when: str, tone: Tone = BAD) -> ColourLayout:
    return ColourLayout(columns, when, tone)


def _against_plan(forecast: str, plan: str) -> tuple[ColourLayout, ...]:
    """Reached, or on the way to it by the pace so far; within a fifth of it; below."""
    return (
        _on("attainment", when="{attainment}>=1", tone=GOOD),
        _on("attainment", when=f"{{{forecast}}}>={{{plan}}}", tone=GOOD),
        _on("attainment", when=f"{{{forecast}}}*10>={{{plan}}}*8", tone=WARNING),
        _on("attainment", when=f"{{{forecast}}}*10<{{{plan}}}*8"),
    )


def _says(*words: str) -> str:
    """Whether the note has any of the words."""
    return "+".join(f'ISNUMBER(SEARCH("{each}";{{note}}))' for each in words) + ">0"


_PARTLY_KNOWN = _on("coverage", when="{complete_deals}<{deals}", tone=WARNING)
_LOSS = _on("net_amount", "net_rate", when="{net_amount}<0")
_UNWANTED = '(({figure}="Отказы")+({figure}="Расторгнуто"))'
"""1 in the lines of the summary of which more is worse, else 0."""

COLOURS: Mapping[str, tuple[ColourLayout, ...]] = {
    "summary": (
        _on("change", when=f"({{change}}<0)*(1-{_UNWANTED})+({{change}}>0)*{_UNWANTED}>0"),
        _on("change", when="{change}<>0", tone=GOOD),
        *_against_plan("forecast", "plan"),
        _on("today", "note", when=_says("ниже нуля", "в минусе")),
        _on("today", "note", when=_says("хватает", "в плюсе"), tone=GOOD),
        _on("today", when='({figure}="Из неё просрочено")*({today}>0)>0'),
        _on("today", when='ISNUMBER(SEARCH("Договоры без";{figure}))*({today}>0)>0', tone=WARNING),
    ),
    "attention": (
        _on("what", when='{what}="Просрочена оплата"'),
        _on("what", when="{days}>=0", tone=WARNING),
    ),
    "plan_fact": (
        *_against_plan("run_rate", "current_plan"),
        _on("attainment", when="({attainment}<1)*({passed_days}={working_days})>0"),  # a month that is over
    ),
    "funnel_by_month": (
        _on("measure_note", when='{measure_note}="незрелая"', tone=WARNING),
        _on("contract_note", when='{contract_note}="незрелая"', tone=WARNING),
        _on("lost_note", when='{lost_note}="незрелая"', tone=WARNING),
    ),
    "receivables": (
        _on("overdue_amount", "overdue_days", "bucket", when="{overdue_days}>30"),
        _on("overdue_amount", "overdue_days", "bucket", when="{overdue_days}>0", tone=WARNING),
        _on("bucket", when='{bucket}="без даты"', tone=WARNING),
    ),
    "receivables_ageing": (_on("overdue_amount", when="{overdue_amount}>0"),),
    "payment_schedule": (
        _on("bucket", when='{bucket}="просрочено"'),
        _on("bucket", when='{bucket}="без даты"', tone=WARNING),
    ),
    "payment_schedule_deals": (
        _on("bucket", when='{bucket}="просрочено"'),
        _on("bucket", when='{bucket}="без даты"', tone=WARNING),
    ),
    "installation_shifts": (_on("shifted_days", when="{shifted_days}>14", tone=WARNING),),
    "cash_gap": (
        _on("on_day", "careful_balance", "state", when="{careful_balance}<0"),
        _on("optimistic_balance", when="{optimistic_balance}<0"),
    ),
    "weeks_ahead": (_on("balance_amount", when="{balance_amount}<0"),),
    "declared_payments": (_on("age_days", when="{age_days}>7", tone=WARNING),),
    "profit_by_deal": (
        _on("profit_amount", "margin_rate", when="{profit_amount}<0"),
        _on("status", "missing", when='{status}="предварительно"', tone=WARNING),
    ),
    "profit_by_month": (_PARTLY_KNOWN,),
    "profit_by_manager": (_PARTLY_KNOWN,),
    "profit_by_product": (_PARTLY_KNOWN,),
    "net_profit_by_month": (_LOSS, _PARTLY_KNOWN),
    "net_profit_by_manager": (_LOSS, _PARTLY_KNOWN),
    "net_profit_by_product": (_LOSS, _PARTLY_KNOWN),
    "net_profit_by_source": (_LOSS, _PARTLY_KNOWN),
    "net_profit_by_deal": (_LOSS, _on("status", when='{status}="предварительно"', tone=WARNING)),
    "profit_and_loss": (_LOSS, _PARTLY_KNOWN),
    "month_result": (
        _on("result_amount", "state", when="{result_amount}<0"),
        _on("result_amount", "state", when="{result_amount}>0", tone=GOOD),
        _PARTLY_KNOWN,
    ),
    "channel_profit": (_on("return_rate", when="{return_rate}<0"),),
    "discounts": (_on("status", when='{status}="скидка не меньше прибыли"'),),
    "discounts_by_manager": (_on("places_lost", when="{places_lost}>0", tone=WARNING),),
    "data_gaps": (_on("rows", "rate", when="{rows}>0", tone=WARNING),),
    "mapping_flaws": (_on("what", when="LEN({what})>0", tone=WARNING),),
    "refused_inputs": (_on("message", when="LEN({message})>0"),),
}
"""Mart → its colours."""

_TABS = {
    BLUE: ("summary",),
    GREEN: ("funnel", "sources", "managers", "turnover", "plan_fact"),
    AMBER: ("receivables", "payment_schedule", "cash"),
    VIOLET: (
        "profit_by_deal",
        "profit_by_product",
        "net_profit",
        "profit_and_loss",
        "discounts",
        "prospects",
    ),
    RED: ("payroll", "slips", "closed"),
    GREY: ("quality", "definitions"),
}
TAB_COLOURS: Mapping[str, str] = {key: colour for colour, keys in _TABS.items() for key in keys}
"""Tab → its colour, which it gets when it is made: sales, money, profit, pay, and what explains the rest."""
