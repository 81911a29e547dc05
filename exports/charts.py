"""A chart of the plan in the words of Google Sheets."""

from typing import Any

from exports.overlay import Chart, Series
from exports.plan import FIRST_ROW, HEADER_ROW
from exports.tones import rgb

_GREY = {"rgbColor": rgb("#5F6368")}


def chart_spec(chart: Chart, sheet_id: int) -> dict[str, Any]:
    """What the chart shows; its size and place are people's once it stands."""
    end = FIRST_ROW + chart.rows
    basic = {
        "chartType": "COMBO",
        "legendPosition": "BOTTOM_LEGEND",
        "headerCount": 1,
        "axis": [{"position": "BOTTOM_AXIS"}, {"position": "LEFT_AXIS"}],
        "domains": [{"domain": _source(sheet_id, chart.domain, end)}],
        "series": [_series(each, sheet_id, end) for each in chart.series],
    }
    return {
        "title": chart.title,
        "altText": chart.title,
        "titleTextFormat": {"fontSize": 12, "bold": True, "foregroundColorStyle": _GREY},
        "hiddenDimensionStrategy": "SHOW_ALL",
        "basicChart": basic,
    }


def chart_place(chart: Chart, sheet_id: int) -> dict[str, Any]:
    return {
        "overlayPosition": {
            "anchorCell": {"sheetId": sheet_id, "rowIndex": chart.row, "columnIndex": 0},
            "offsetXPixels": chart.left,
            "widthPixels": chart.width,
            "heightPixels": chart.height,
        }
    }


def _series(series: Series, sheet_id: int, end: int) -> dict[str, Any]:
    return {
        "series": _source(sheet_id, series.column, end),
        "type": "LINE" if series.is_line else "COLUMN",
        "targetAxis": "LEFT_AXIS",
        "colorStyle": {"rgbColor": rgb(series.colour)},
    }


def _source(sheet_id: int, column: int, end: int) -> dict[str, Any]:
    """One column from its label down: Google takes no wider range."""
    area = {"sheetId": sheet_id, "startRowIndex": HEADER_ROW, "endRowIndex": end}
    area |= {"startColumnIndex": column, "endColumnIndex": column + 1}
    return {"sourceRange": {"sources": [area]}}
