"""The charts of the books."""

from dataclasses import dataclass

from exports.tones import AMBER, BLUE, GREEN, GREY, RED, VIOLET


@dataclass(frozen=True, slots=True)
class SeriesLayout:
    """A column of a mart as columns of a chart, or as a line."""

    column: str
    colour: str
    is_line: bool = False


@dataclass(frozen=True, slots=True)
class ChartLayout:
    """A chart over a mart that always has `rows` rows; it begins at a row of the tab, all sizes in pixels."""

    key: str
    title: str
    mart: str
    rows: int
    domain: str
    series: tuple[SeriesLayout, ...]
    row: int
    left: int
    width: int = 620
    height: int = 300

    @property
    def columns(self) -> tuple[str, ...]:
        return (self.domain, *(each.column for each in self.series))


_ABOVE, _BELOW = 32, 48  # rows of the summary's charts: under its table, two by two
_LEFT, _RIGHT = 8, 648

AGEING_CHARTS = (
    ChartLayout(
        "ageing", "Долг клиентов по срокам просрочки, ₽", "receivables_ageing", 7, "bucket",
        (SeriesLayout("receivable_amount", BLUE), SeriesLayout("overdue_amount", RED)), 15, _LEFT, 500,
    ),
)  # fmt: skip
SUMMARY_CHARTS = (
    ChartLayout(
        "turnover", "Оборот и план, ₽", "year_by_month", 12, "month",
        (SeriesLayout("net_amount", BLUE), SeriesLayout("plan_amount", AMBER, is_line=True)), _ABOVE, _LEFT,
    ),
    ChartLayout(
        "profit", "Прибыль валовая и чистая, ₽", "year_by_month", 12, "month",
        (SeriesLayout("profit_amount", GREEN), SeriesLayout("result_amount", VIOLET, is_line=True)),
        _ABOVE, _RIGHT,
    ),
    ChartLayout(
        "funnel", "Воронка: заявки, замеры/КП, договоры", "year_by_month", 12, "month",
        (SeriesLayout("leads", GREY), SeriesLayout("measures", BLUE), SeriesLayout("contracts", GREEN)),
        _BELOW, _LEFT,
    ),
    ChartLayout(
        "ahead", "Поступления впереди и деньги на счетах, ₽", "weeks_ahead", 9, "days",
        (SeriesLayout("expected_amount", GREEN), SeriesLayout("balance_amount", RED, is_line=True)),
        _BELOW, _RIGHT,
    ),
)  # fmt: skip
