"""Charts and colours over the cells of an Excel workbook."""

from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from exports.formats import LOOKS
from exports.overlay import Chart, Rule
from exports.plan import FIRST_ROW, HEADER_ROW, Block, Tab

FONT = "Arial"
"""As in Google's spreadsheets."""

_FONT = {"name": FONT}
_SMALL = _FONT | {"size": 8}  # twelve months stand beside each other


def draw_over(book: Workbook, sheet: Worksheet, tab: Tab) -> None:
    for chart in tab.charts:
        _draw_chart(sheet, chart, tab, book)
    for rule in tab.rules:
        _colour(sheet, rule, tab, book)


def in_excel(formula: str) -> str:
    """A formula as the file keeps it, with commas; none of ours has a semicolon within a text."""
    return formula.replace(";", ",")


def _colour(sheet: Worksheet, rule: Rule, tab: Tab, book: Workbook) -> None:
    """Colour the rows that the table has."""
    look = {"font_color": rule.tone.text}
    if rule.tone.background:
        look["bg_color"] = rule.tone.background
    options = {
        "type": "formula",
        "criteria": in_excel(f"={rule.formula}"),
        "format": book.add_format(look),
    }
    last = FIRST_ROW + max(len(_block(tab, rule.columns[0]).rows), 1) - 1
    for column in rule.columns:
        sheet.conditional_format(FIRST_ROW, column, last, column, options)


def _draw_chart(sheet: Worksheet, chart: Chart, tab: Tab, book: Workbook) -> None:
    columns = book.add_chart({"type": "column"})
    lines = book.add_chart({"type": "line"})
    for series in chart.series:
        drawn = {
            "name": [sheet.name, HEADER_ROW, series.column],
            "categories": _range(sheet, chart, chart.domain),
            "values": _range(sheet, chart, series.column),
        }
        if series.is_line:
            lines.add_series(drawn | {"line": {"color": series.colour, "width": 2.25}})
        else:
            columns.add_series(drawn | {"fill": {"color": series.colour}, "gap": 60})
    if any(series.is_line for series in chart.series):
        columns.combine(lines)
    pattern = {place: _pattern(tab, place) for place in (chart.domain, chart.series[0].column)}
    columns.set_title(
        {"name": chart.title, "name_font": _FONT | {"size": 12, "color": "#5F6368"}, "overlay": False}
    )
    columns.set_x_axis(
        {"num_format": pattern[chart.domain], "text_axis": True, "label_position": "low", "num_font": _SMALL}
    )
    columns.set_y_axis(
        {
            "num_format": pattern[chart.series[0].column].split(";")[0].split('"')[0],
            "major_gridlines": {"visible": True, "line": {"color": "#E0E0E0"}},
            "line": {"none": True},
            "num_font": _FONT,
        }
    )
    columns.set_legend({"position": "bottom", "font": _FONT})
    columns.set_size({"width": chart.width, "height": chart.height})
    columns.show_hidden_data()
    sheet.insert_chart(
        chart.row, 0, columns, {"x_offset": chart.left, "object_position": 3, "description": chart.title}
    )


def _range(sheet: Worksheet, chart: Chart, column: int) -> list[object]:
    return [sheet.name, FIRST_ROW, column, FIRST_ROW + chart.rows - 1, column]


def _pattern(tab: Tab, place: int) -> str:
    block = _block(tab, place)
    return LOOKS[block.columns[place - block.column].format].pattern


def _block(tab: Tab, column: int) -> Block:
    return next(each for each in tab.blocks if each.column <= column < each.column + each.width)
