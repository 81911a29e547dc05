"""A real spreadsheet put to the proof: on a hidden tab of our own, written, read back, compared and taken away."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_random_exponential

from exports.cells import CellRow, cell_rows, stamp_row
from exports.drawing import Request
from exports.errors import ExportError, Refused
from exports.known import own_id
from exports.sample import FIELDS as SAMPLE_FIELDS
from exports.sample import sample_flaw, sample_requests
from exports.sheets import encoded
from exports.specimens import SPECIMENS, as_read, at, is_same
from exports.stamp import ALARM, FRESH, SILENT, STAMP_FORMATS, Stamp

TITLE = "vitrina: проверка"
KEY = "vitrina_proof"
FIELDS = (
    "spreadsheetId,properties(title,locale,timeZone),"
    "sheets(properties(sheetId,title),developerMetadata(metadataKey))"
)
ATTEMPTS, LONGEST_WAIT = 4, 16
ALARM_AFTER = 900
_KEPT = 5  # rows that stay when the table is made shorter
_TOLD, _LONGEST = 3, 60  # of the cells that differ so many are told, so many signs of each

Answer = TypeVar("Answer")


class Client(Protocol):
    """What a proof needs of Google."""

    def read(self, spreadsheet_id: str, fields: str) -> Mapping[str, Any]: ...

    def values(
        self, spreadsheet_id: str, tabs: Sequence[str], *, shown: bool = False
    ) -> list[list[list[Any]]]: ...

    def apply(self, spreadsheet_id: str, body: bytes) -> None: ...


@dataclass(frozen=True, slots=True)
class Step:
    """What was tried; `problem` is None where it went as it should."""

    name: str
    detail: str = ""
    problem: str | None = None


class NotProven(Exception):
    """The spreadsheet did something else than it was asked to; the text is Russian and says what."""


class Proof:
    """One proof of one spreadsheet. Whatever becomes of `steps`, call `clean_up` afterwards."""

    def __init__(
        self,
        client: Client,
        spreadsheet_id: str,
        *,
        now: Callable[[], datetime],
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._client = client
        self._id = spreadsheet_id
        self._now = now
        self._sleep = sleep
        self._zone = "UTC"
        self._sheet, self._title = own_id(KEY), TITLE
        self.is_begun = False
        """Whether there may be something to clean up."""

    def steps(self) -> Iterator[Step]:
        """Try one thing after the other, up to the first that Google refuses; told as they come."""
        tries = (
            ("доступ", self._open),
            ("запись", self._write),
            ("чтение", self._compare),
            ("копирование", self._copied),
            ("формула отметки", self._alarm),
            ("всё или ничего", self._refuse),
            ("таблица короче", self._shorten),
            ("оформление", self._draw),
        )
        for name, attempt in tries:
            try:
                yield Step(name, attempt())
            except NotProven as error:
                yield Step(name, problem=str(error))
            except ExportError as error:
                yield Step(name, problem=str(error))
                return

    def clean_up(self) -> Step:
        """Take our tab away, whatever happened before."""
        try:
            self._patiently(self._remove)
        except ExportError as error:
            return Step("уборка", problem=f"лист «{self._title}» остался, удалите его сами. {error}")
        return Step("уборка", "проверочный лист убран")

    def _open(self) -> str:
        known = self._patiently(self._look)
        properties = known["properties"]
        self._zone = properties["timeZone"]
        others = [sheet["properties"] for sheet in known.get("sheets", ()) if not _is_ours(sheet)]
        while self._sheet in {each.get("sheetId", 0) for each in others}:
            self._sheet += 1
        while self._title in {each["title"] for each in others}:
            self._title += " 2"
        return f"«{properties['title']}» открыта роботу; язык {properties['locale']}, пояс {self._zone}"

    def _write(self) -> str:
        """What an earlier proof, or an earlier attempt, left behind goes first."""
        self.is_begun = True
        began = time.monotonic()

        def attempt() -> None:
            self._remove()
            self._send(self._making())

        self._patiently(attempt)
        took = time.monotonic() - began
        return f"скрытый лист сделан и заполнен одним запросом, значений {len(SPECIMENS)}, {took:.1f} с"

    def _compare(self) -> str:
        _check_same("A", [as_read(value) for value in SPECIMENS], _column(self._read(), 0)[1:])
        return "прочитано то же, что записано; похожее на формулы осталось текстом"

    def _copied(self) -> str:
        """What goes by way of a draft is copied within the spreadsheet, and must come whole and stay what it is."""
        grid = self._read()
        _check_same("B", _column(grid, 0)[1:], _column(grid, 1)[1:])
        return "скопированное внутри таблицы осталось тем же, под фильтром тоже"

    def _alarm(self) -> str:
        """The formula that notices our silence is understood in this spreadsheet's language."""
        fresh, silent = self._alarmed(timedelta()), self._alarmed(timedelta(seconds=2 * ALARM_AFTER))
        if (fresh, silent) != (FRESH, SILENT):
            raise NotProven(f"вместо «{FRESH}» и «{SILENT}» стоит {_short(fresh)} и {_short(silent)}")
        return f"показывает «{FRESH}» и «{SILENT}», когда нужно"

    def _refuse(self) -> str:
        """A request that is wrong in its second half must not leave its first half behind."""
        before = self._read()
        half = _put(self._sheet, 1, cell_rows([("половина",)]), 2)
        beyond = _put(self._sheet, len(SPECIMENS) + 1_000, cell_rows([("мимо",)]), len(SPECIMENS) + 1_001)
        try:
            self._patiently(lambda: self._send([half, beyond]))
        except Refused:
            if self._read() == before:
                return "от отклонённого запроса не записано ничего"
            raise NotProven("от отклонённого запроса записана половина") from None
        raise NotProven("запрос за пределы листа не отклонён")

    def _shorten(self) -> str:
        lines = cell_rows([(value, None) for value in SPECIMENS[:_KEPT]])
        self._patiently(lambda: self._send([_put(self._sheet, 1, lines, len(SPECIMENS) + 1)]))
        left = len(self._read()) - 1
        if left != _KEPT:
            raise NotProven(f"осталось строк {left} вместо {_KEPT}")
        return "хвост стёрт тем же запросом"

    def _draw(self) -> str:
        """Formats, chart, colours and protection, drawn as on every tab."""
        requests = sample_requests(self._sheet, len(SPECIMENS) + 1, len(STAMP_FORMATS))
        self._patiently(lambda: self._send_once(requests))
        shown = self._patiently(lambda: self._client.values(self._id, [self._title], shown=True))[0]
        known = self._patiently(lambda: self._client.read(self._id, SAMPLE_FIELDS))
        flaw = sample_flaw(shown, next(each for each in known["sheets"] if self._is_here(each)))
        if flaw is not None:
            raise NotProven(flaw)
        return "дни, суммы и доли показаны как надо; диаграмма, цвета и защита на месте"

    def _send_once(self, requests: Sequence[Request]) -> None:
        """What would stand there twice is not sent again where it has landed."""
        known = self._client.read(self._id, SAMPLE_FIELDS)
        if not any(each.get("charts") for each in known["sheets"] if self._is_here(each)):
            self._send(requests)

    def _is_here(self, sheet: Mapping[str, Any]) -> bool:
        return bool(sheet["properties"].get("sheetId", 0) == self._sheet)

    def _remove(self) -> None:
        left = self._ours()
        if left:
            self._send([{"deleteSheet": {"sheetId": each}} for each in left])

    def _making(self) -> list[Request]:
        grid = {"rowCount": len(SPECIMENS) + 1, "columnCount": len(STAMP_FORMATS)}
        properties = {"sheetId": self._sheet, "title": self._title, "hidden": True, "gridProperties": grid}
        mark = {
            "metadataId": self._sheet,
            "metadataKey": KEY,
            "metadataValue": "{}",
            "visibility": "DOCUMENT",
        }
        mark["location"] = {"sheetId": self._sheet}
        rows = cell_rows([("проверка",), *((value,) for value in SPECIMENS)])
        return [
            {"addSheet": {"properties": properties}},
            {"createDeveloperMetadata": {"developerMetadata": mark}},
            _put(self._sheet, 0, rows, len(rows)),
            *self._copying(),
        ]

    def _copying(self) -> Iterator[Request]:
        """A copy to rows that a filter hides, for people may have set one over what is shown."""
        source, destination = self._strip(0), self._strip(1)
        is_filled = {"1": {"condition": {"type": "NOT_BLANK"}}}
        yield {"setBasicFilter": {"filter": {"range": destination, "criteria": is_filled}}}
        yield {"copyPaste": {"source": source, "destination": destination, "pasteType": "PASTE_VALUES"}}
        yield {"clearBasicFilter": {"sheetId": self._sheet}}

    def _strip(self, column: int) -> dict[str, int]:
        """Where the values stand, or their copy."""
        area = {"sheetId": self._sheet, "startColumnIndex": column, "endColumnIndex": column + 1}
        return area | {"startRowIndex": 0, "endRowIndex": len(SPECIMENS) + 1}

    def _stamp(self, age: timedelta) -> Stamp:
        try:
            zone = ZoneInfo(self._zone)
        except (ZoneInfoNotFoundError, ValueError):
            raise NotProven(f"пояс {self._zone} неизвестен: выберите другой в настройках таблицы") from None
        wall = self._now().astimezone(zone).replace(tzinfo=None, microsecond=0) - age
        return Stamp(wall, wall, 0, "проверка", alarm_after=ALARM_AFTER)

    def _alarmed(self, age: timedelta) -> object:
        row = stamp_row(self._stamp(age), 0)
        self._patiently(lambda: self._send([_put(self._sheet, 0, [row], 1)]))
        return at(self._read()[0], ALARM)

    def _ours(self) -> list[int]:
        return [sheet["properties"]["sheetId"] for sheet in self._look().get("sheets", ()) if _is_ours(sheet)]

    def _look(self) -> Mapping[str, Any]:
        return self._client.read(self._id, FIELDS)

    def _read(self) -> list[list[Any]]:
        return self._patiently(lambda: self._client.values(self._id, [self._title]))[0]

    def _send(self, requests: Sequence[Request]) -> None:
        self._client.apply(self._id, encoded(requests))

    def _patiently(self, attempt: Callable[[], Answer]) -> Answer:
        """Every attempt may be repeated: each request leaves the same behind, however often it landed."""
        retrying = Retrying(
            retry=retry_if_exception(lambda error: isinstance(error, ExportError) and error.retryable),
            stop=stop_after_attempt(ATTEMPTS),
            wait=wait_random_exponential(max=LONGEST_WAIT),
            sleep=self._sleep,
            reraise=True,
        )
        return retrying(attempt)


def _is_ours(sheet: Mapping[str, Any]) -> bool:
    return any(each.get("metadataKey") == KEY for each in sheet.get("developerMetadata", ()))


def _put(sheet_id: int, first: int, rows: list[CellRow], end: int) -> Request:
    """Rows from `first` to `end`; of those that `rows` does not fill the values go."""
    width = max(len(row["values"]) for row in rows)
    area = {"sheetId": sheet_id, "startRowIndex": first, "endRowIndex": end}
    area |= {"startColumnIndex": 0, "endColumnIndex": width}
    return {"updateCells": {"range": area, "rows": rows, "fields": "userEnteredValue"}}


def _column(grid: Sequence[Sequence[Any]], place: int) -> list[Any]:
    return [at(line, place) for line in grid]


def _check_same(letter: str, wanted: Sequence[object], found: Sequence[object]) -> None:
    """NotProven where the rows below the first one differ; the first few are told."""
    differing = [place for place, value in enumerate(wanted) if not is_same(value, at(found, place))]
    if differing:
        told = [
            f"{letter}{place + 2}: записано {_short(wanted[place])}, стоит {_short(at(found, place))}"
            for place in differing[:_TOLD]
        ]
        raise NotProven(f"{len(differing)} из {len(wanted)} стали другими: {'; '.join(told)}")


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
