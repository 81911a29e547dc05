"""Which marts stand on which tab, in the order in which an owner reads them."""

from dataclasses import dataclass

from exports.pictures import AGEING_CHARTS, SUMMARY_CHARTS, ChartLayout
from exports.tones import ColourLayout


@dataclass(frozen=True, slots=True)
class BlockLayout:
    """A mart's place on a tab.

    `order`: columns to sort by, `-` before a name turns it round; equal rows keep the mart's own order.
    `limit`: how many rows are shown at most; the heading says how many there are.
    `columns`: which columns, in this order; None shows all that are not hidden.
    `empty`: what it means that there are no rows; the heading says it then.
    `colours`: which figures wear a colour; None: as the mart always does.
    """

    mart: str
    title: str | None = None
    order: tuple[str, ...] = ()
    limit: int | None = None
    columns: tuple[str, ...] | None = None
    empty: str | None = None
    colours: tuple[ColourLayout, ...] | None = None


@dataclass(frozen=True, slots=True)
class TabLayout:
    """A tab: its key never changes, its title may; a tab without blocks holds the definitions.

    `scope`: for whom it is made, where that is not the owner.
    """

    key: str
    title: str
    blocks: tuple[BlockLayout, ...] = ()
    charts: tuple[ChartLayout, ...] = ()
    scope: str = ""


_MONTHS = 36
_BY_MONTH = 600
_DEALS = 1500
_NOT_SHIFTED = "переносов нет"
_NO_RATES = "ставки не введены (таблица «Ставки»)"
_NOT_CLOSED = "ни один месяц не закрыт (vitrina period close)"

LAYOUT: tuple[TabLayout, ...] = (
    TabLayout(
        "summary",
        "Сводка",
        (
            BlockLayout(
                "summary",
                title="Главное",
                columns=("figure", "today", "week", "month", "change", "attainment", "note"),
            ),
            BlockLayout(
                "attention",
                order=("line", "-amount", "-days", "deal_id"),
                columns=("what", "deal_id", "name", "amount", "days", "manager", "client"),
                empty="всё в порядке",
            ),
            BlockLayout(
                "summary",
                title="День, неделя, месяц и план",
                columns=(
                    "figure",
                    "today",
                    "yesterday",
                    "week",
                    "last_week",
                    "month",
                    "previous",
                    "plan",
                    "forecast",
                    "needed",
                ),
            ),
            BlockLayout("year_by_month"),
            BlockLayout("weeks_ahead"),
        ),
        SUMMARY_CHARTS,
    ),
    TabLayout(
        "funnel",
        "Воронка",
        (
            BlockLayout("funnel_by_month", order=("-month",), limit=_MONTHS),
            BlockLayout("step_medians"),
            BlockLayout("leads_by_day", order=("-lead_on",), limit=92),
            BlockLayout("leads_by_week", order=("-week",), limit=53),
            BlockLayout("leads_by_month", order=("-month",), limit=_MONTHS),
            BlockLayout("lost_reasons", order=("-month", "-losses"), limit=_BY_MONTH),
            BlockLayout("funnel_by_product", order=("-month", "-leads"), limit=_BY_MONTH),
        ),
    ),
    TabLayout(
        "sources",
        "Источники",
        (
            BlockLayout("source_totals", order=("-leads",)),
            BlockLayout("channel_profit", order=("-month", "-net_amount"), limit=_BY_MONTH),
            BlockLayout("funnel_by_source", order=("-month", "-leads"), limit=_BY_MONTH),
        ),
    ),
    TabLayout(
        "managers",
        "Менеджеры",
        (
            BlockLayout("manager_totals", order=("-net_amount",)),
            BlockLayout("average_check_by_manager", order=("-month", "-average_amount"), limit=_BY_MONTH),
            BlockLayout("profit_by_manager", order=("-month", "-profit_amount"), limit=_BY_MONTH),
            BlockLayout("funnel_by_manager", order=("-month", "-leads"), limit=_BY_MONTH),
        ),
    ),
    TabLayout(
        "turnover",
        "Оборот",
        (
            BlockLayout("turnover_by_month", order=("-month",), limit=_MONTHS),
            BlockLayout("profit_by_month", order=("-month",), limit=_MONTHS),
            BlockLayout("turnover_by_manager", order=("-month", "-net_amount"), limit=_BY_MONTH),
            BlockLayout("turnover_bridge", order=("-month",), limit=_MONTHS),
            BlockLayout("average_check_by_month", order=("-month",), limit=_MONTHS),
            BlockLayout("turnover_by_day", order=("-booked_on",), limit=366),
        ),
    ),
    TabLayout(
        "plan_fact",
        "План и факт",
        (BlockLayout("plan_fact", order=("-month",), limit=_BY_MONTH),),
    ),
    TabLayout(
        "receivables",
        "Дебиторка",
        (
            BlockLayout("receivables_ageing"),
            BlockLayout(
                "receivables", order=("-overdue_days", "-receivable_amount", "deal_id"), limit=_DEALS
            ),
            BlockLayout("client_debts", order=("-debt_amount",), limit=_DEALS, empty="никому не должны"),
        ),
        AGEING_CHARTS,
    ),
    TabLayout(
        "payment_schedule",
        "График платежей",
        (
            BlockLayout("payment_schedule", limit=_BY_MONTH),
            BlockLayout("payment_schedule_deals", limit=_DEALS),
            BlockLayout(
                "installation_shifts", order=("-last_shift_on", "deal_id"), limit=_DEALS, empty=_NOT_SHIFTED
            ),
            BlockLayout(
                "installation_shifts_by_month",
                order=("-month", "-shifts"),
                limit=_BY_MONTH,
                empty=_NOT_SHIFTED,
            ),
        ),
    ),
    TabLayout(
        "cash",
        "Деньги",
        (
            BlockLayout("cash_gap"),
            BlockLayout(
                "wages_due",
                order=("-month",),
                limit=_MONTHS,
                empty="выплачивать нечего, или не задан день зарплаты (money.wages_day)",
            ),
            BlockLayout("receipts_by_month", order=("-month",), limit=_MONTHS),
            BlockLayout(
                "declared_payments", order=("-age_days", "deal_id"), limit=_DEALS, empty="подтверждены все"
            ),
        ),
    ),
    TabLayout(
        "profit_by_deal",
        "Прибыль по сделкам",
        (BlockLayout("profit_by_deal", order=("-contract_on", "-deal_id"), limit=_DEALS),),
    ),
    TabLayout(
        "profit_by_product",
        "Прибыль по продуктам",
        (BlockLayout("profit_by_product", order=("-profit_amount",)),),
    ),
    TabLayout(
        "net_profit",
        "Чистая прибыль",
        (
            BlockLayout("net_profit_by_month", order=("-month",), limit=_MONTHS),
            BlockLayout("net_profit_by_manager", order=("-month", "-net_amount"), limit=_BY_MONTH),
            BlockLayout("net_profit_by_product", order=("-net_amount",)),
            BlockLayout("net_profit_by_source", order=("-net_amount",)),
            BlockLayout("net_profit_by_deal", order=("-contract_on", "-deal_id"), limit=_DEALS),
        ),
    ),
    TabLayout(
        "profit_and_loss",
        "Прибыли и убытки",
        (
            BlockLayout("profit_and_loss", order=("-month",), limit=_MONTHS),
            BlockLayout("profit_and_loss_by_year", order=("-year",)),
            BlockLayout("month_result", order=("-on_day",)),
            BlockLayout("income_and_expense", order=("-year", "-result_amount"), limit=_BY_MONTH),
            BlockLayout("overhead_totals", order=("-month",), limit=_MONTHS),
            BlockLayout("overheads_by_article", order=("-month", "-amount"), limit=_BY_MONTH),
            BlockLayout("costs_by_article", order=("-month", "article"), limit=_BY_MONTH),
        ),
    ),
    TabLayout(
        "discounts",
        "Скидки",
        (
            BlockLayout("discounts_by_manager", order=("turnover_place", "manager")),
            BlockLayout("discounts", order=("-discount_amount", "deal_id"), limit=_DEALS),
        ),
    ),
    TabLayout(
        "prospects",
        "Упущено и впереди",
        (
            BlockLayout("potential_profit"),
            BlockLayout("missed_profit", order=("-month", "-missed_amount"), limit=_BY_MONTH),
        ),
    ),
    TabLayout(
        "payroll",
        "Зарплата",
        (
            BlockLayout("payroll_by_month", order=("-month",), limit=_MONTHS, empty=_NO_RATES),
            BlockLayout("payroll", order=("-month", "-amount"), limit=_BY_MONTH, empty=_NO_RATES),
        ),
    ),
    TabLayout(
        "slips",
        "Расчётные листки",
        (BlockLayout("payroll_lines", order=("-month", "manager"), limit=_DEALS, empty=_NO_RATES),),
    ),
    TabLayout(
        "closed",
        "Закрытые месяцы",
        (
            BlockLayout("reported_by_month", order=("-month", "figure"), limit=_BY_MONTH, empty=_NOT_CLOSED),
            BlockLayout(
                "adjustments",
                order=("-month", "figure", "-for_month", "deal_id"),
                limit=_DEALS,
                empty="закрытые месяцы не менялись",
            ),
            BlockLayout(
                "reported_by_manager",
                order=("-month", "figure", "-amount"),
                limit=_BY_MONTH,
                empty=_NOT_CLOSED,
            ),
        ),
    ),
    TabLayout(
        "quality",
        "Качество данных",
        (
            BlockLayout("data_gaps"),
            BlockLayout("mapping_flaws", empty="всё сходится"),
            BlockLayout("refused_inputs", limit=_BY_MONTH, empty="принято всё"),
            BlockLayout(
                "duplicates", order=("-merged_on", "deal_id"), limit=_DEALS, empty="сделки не объединяли"
            ),
            BlockLayout("schema_changes", limit=_BY_MONTH, empty="ничего не меняли"),
        ),
    ),
    TabLayout("definitions", "Определения"),
)
