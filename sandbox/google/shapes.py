"""The messages the stand-in understands, and a strict reading of bodies against them.

Google is lenient in places (snake_case names, a bare object for a list of one).  The stand-in
is not, so that what is written against it stays canonical.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from sandbox.google.errors import Malformed

# name:type pairs; [x] is a list of x, {x} a mapping of texts to x, a|b one of the words.
_MESSAGES = {
    "GridRange": "sheetId:int startRowIndex:int endRowIndex:int startColumnIndex:int endColumnIndex:int",
    "GridCoordinate": "sheetId:int rowIndex:int columnIndex:int",
    "DimensionRange": "sheetId:int dimension:ROWS|COLUMNS startIndex:int endIndex:int",
    "ExtendedValue": "numberValue:num stringValue:str boolValue:bool formulaValue:str",
    "Color": "red:num green:num blue:num alpha:num",
    "ColorStyle": (
        "rgbColor:Color themeColor:TEXT|BACKGROUND|ACCENT1|ACCENT2|ACCENT3|ACCENT4|ACCENT5|ACCENT6|LINK"
    ),
    "Link": "uri:str",
    "TextFormat": (
        "foregroundColor:Color foregroundColorStyle:ColorStyle fontFamily:str fontSize:int bold:bool "
        "italic:bool strikethrough:bool underline:bool link:Link"
    ),
    "NumberFormat": "type:TEXT|NUMBER|PERCENT|CURRENCY|DATE|TIME|DATE_TIME|SCIENTIFIC pattern:str",
    "Border": (
        "style:DOTTED|DASHED|SOLID|SOLID_MEDIUM|SOLID_THICK|NONE|DOUBLE width:int "
        "color:Color colorStyle:ColorStyle"
    ),
    "Borders": "top:Border bottom:Border left:Border right:Border",
    "Padding": "top:int right:int bottom:int left:int",
    "TextRotation": "angle:int vertical:bool",
    "CellFormat": (
        "numberFormat:NumberFormat backgroundColor:Color backgroundColorStyle:ColorStyle borders:Borders "
        "padding:Padding horizontalAlignment:LEFT|CENTER|RIGHT verticalAlignment:TOP|MIDDLE|BOTTOM "
        "wrapStrategy:OVERFLOW_CELL|LEGACY_WRAP|CLIP|WRAP textDirection:LEFT_TO_RIGHT|RIGHT_TO_LEFT "
        "textFormat:TextFormat hyperlinkDisplayType:LINKED|PLAIN_TEXT textRotation:TextRotation"
    ),
    "TextFormatRun": "startIndex:int format:TextFormat",
    "ConditionValue": (
        "userEnteredValue:str relativeDate:PAST_YEAR|PAST_MONTH|PAST_WEEK|YESTERDAY|TODAY|TOMORROW"
    ),
    "BooleanCondition": "type:str values:[ConditionValue]",
    "DataValidationRule": "condition:BooleanCondition inputMessage:str strict:bool showCustomUi:bool",
    "CellData": (
        "userEnteredValue:ExtendedValue userEnteredFormat:CellFormat note:str "
        "dataValidation:DataValidationRule textFormatRuns:[TextFormatRun]"
    ),
    "RowData": "values:[CellData]",
    "GridProperties": (
        "rowCount:int columnCount:int frozenRowCount:int frozenColumnCount:int hideGridlines:bool "
        "rowGroupControlAfter:bool columnGroupControlAfter:bool"
    ),
    "SheetProperties": (
        "sheetId:int title:str index:int sheetType:GRID gridProperties:GridProperties hidden:bool "
        "tabColor:Color tabColorStyle:ColorStyle rightToLeft:bool"
    ),
    "SpreadsheetProperties": (
        "title:str locale:str autoRecalc:ON_CHANGE|MINUTE|HOUR timeZone:str defaultFormat:CellFormat"
    ),
    "DimensionProperties": "hiddenByUser:bool pixelSize:int",
    "FilterCriteria": (
        "hiddenValues:[str] condition:BooleanCondition visibleBackgroundColorStyle:ColorStyle "
        "visibleForegroundColorStyle:ColorStyle"
    ),
    "FilterSpec": "columnIndex:int filterCriteria:FilterCriteria",
    "SortSpec": (
        "dimensionIndex:int sortOrder:ASCENDING|DESCENDING foregroundColorStyle:ColorStyle "
        "backgroundColorStyle:ColorStyle"
    ),
    "BasicFilter": (
        "range:GridRange sortSpecs:[SortSpec] criteria:{FilterCriteria} filterSpecs:[FilterSpec]"
    ),
    "NamedRange": "namedRangeId:str name:str range:GridRange",
    "Editors": "users:[str] groups:[str] domainUsersCanEdit:bool",
    "ProtectedRange": (
        "protectedRangeId:int range:GridRange namedRangeId:str description:str warningOnly:bool "
        "requestingUserCanEdit:bool unprotectedRanges:[GridRange] editors:Editors"
    ),
    "BandingProperties": (
        "headerColor:Color headerColorStyle:ColorStyle firstBandColor:Color firstBandColorStyle:ColorStyle "
        "secondBandColor:Color secondBandColorStyle:ColorStyle footerColor:Color footerColorStyle:ColorStyle"
    ),
    "BandedRange": (
        "bandedRangeId:int range:GridRange rowProperties:BandingProperties columnProperties:BandingProperties"
    ),
    "BooleanRule": "condition:BooleanCondition format:CellFormat",
    "InterpolationPoint": (
        "type:MIN|MAX|NUMBER|PERCENT|PERCENTILE color:Color colorStyle:ColorStyle value:str"
    ),
    "GradientRule": "minpoint:InterpolationPoint midpoint:InterpolationPoint maxpoint:InterpolationPoint",
    "ConditionalFormatRule": "ranges:[GridRange] booleanRule:BooleanRule gradientRule:GradientRule",
    "OverlayPosition": (
        "anchorCell:GridCoordinate offsetXPixels:int offsetYPixels:int widthPixels:int heightPixels:int"
    ),
    "EmbeddedObjectPosition": "sheetId:int overlayPosition:OverlayPosition newSheet:bool",
    # A chart is kept and shifted, not drawn, so its specification is not looked into.
    "EmbeddedChart": "chartId:int spec:any position:EmbeddedObjectPosition",
    "DeveloperMetadataLocation": (
        "locationType:ROW|COLUMN|SHEET|SPREADSHEET spreadsheet:bool sheetId:int dimensionRange:DimensionRange"
    ),
    "DeveloperMetadata": (
        "metadataId:int metadataKey:str metadataValue:str location:DeveloperMetadataLocation "
        "visibility:DOCUMENT|PROJECT"
    ),
    "DeveloperMetadataLookup": (
        "locationType:ROW|COLUMN|SHEET|SPREADSHEET metadataLocation:DeveloperMetadataLocation "
        "locationMatchingStrategy:EXACT_LOCATION|INTERSECTING_LOCATION metadataId:int metadataKey:str "
        "metadataValue:str visibility:DOCUMENT|PROJECT"
    ),
    "DataFilter": "developerMetadataLookup:DeveloperMetadataLookup a1Range:str gridRange:GridRange",
    # Request kinds of batchUpdate.
    "AddSheetRequest": "properties:SheetProperties",
    "DeleteSheetRequest": "sheetId:int",
    "DuplicateSheetRequest": "sourceSheetId:int insertSheetIndex:int newSheetId:int newSheetName:str",
    "UpdateSheetPropertiesRequest": "properties:SheetProperties fields:str",
    "UpdateSpreadsheetPropertiesRequest": "properties:SpreadsheetProperties fields:str",
    "UpdateCellsRequest": "rows:[RowData] fields:str start:GridCoordinate range:GridRange",
    "RepeatCellRequest": "range:GridRange cell:CellData fields:str",
    "CopyPasteRequest": (
        "source:GridRange destination:GridRange pasteType:PASTE_NORMAL|PASTE_VALUES|PASTE_FORMAT "
        "pasteOrientation:NORMAL|TRANSPOSE"
    ),
    "SetDataValidationRequest": "range:GridRange rule:DataValidationRule filteredRowsIncluded:bool",
    "AppendDimensionRequest": "sheetId:int dimension:ROWS|COLUMNS length:int",
    "InsertDimensionRequest": "range:DimensionRange inheritFromBefore:bool",
    "DeleteDimensionRequest": "range:DimensionRange",
    "UpdateDimensionPropertiesRequest": "range:DimensionRange properties:DimensionProperties fields:str",
    "AutoResizeDimensionsRequest": "dimensions:DimensionRange",
    "SetBasicFilterRequest": "filter:BasicFilter",
    "ClearBasicFilterRequest": "sheetId:int",
    "AddNamedRangeRequest": "namedRange:NamedRange",
    "UpdateNamedRangeRequest": "namedRange:NamedRange fields:str",
    "DeleteNamedRangeRequest": "namedRangeId:str",
    "AddProtectedRangeRequest": "protectedRange:ProtectedRange",
    "DeleteProtectedRangeRequest": "protectedRangeId:int",
    "AddBandingRequest": "bandedRange:BandedRange",
    "DeleteBandingRequest": "bandedRangeId:int",
    "AddConditionalFormatRuleRequest": "rule:ConditionalFormatRule index:int",
    "DeleteConditionalFormatRuleRequest": "sheetId:int index:int",
    "AddChartRequest": "chart:EmbeddedChart",
    "UpdateChartSpecRequest": "chartId:int spec:any",
    "DeleteEmbeddedObjectRequest": "objectId:int",
    "CreateDeveloperMetadataRequest": "developerMetadata:DeveloperMetadata",
    "UpdateDeveloperMetadataRequest": (
        "dataFilters:[DataFilter] developerMetadata:DeveloperMetadata fields:str"
    ),
    "DeleteDeveloperMetadataRequest": "dataFilter:DataFilter",
    # Bodies of the methods.
    "BatchUpdateSpreadsheetRequest": (
        "requests:[any] includeSpreadsheetInResponse:bool responseRanges:[str] responseIncludeGridData:bool"
    ),
    "SearchDeveloperMetadataRequest": "dataFilters:[DataFilter]",
    "ValueRange": "range:str majorDimension:ROWS|COLUMNS values:[any]",
    "DataFilterValueRange": "dataFilter:DataFilter majorDimension:ROWS|COLUMNS values:[any]",
    "BatchUpdateValuesRequest": (
        "valueInputOption:RAW|USER_ENTERED data:[ValueRange] includeValuesInResponse:bool "
        "responseValueRenderOption:FORMATTED_VALUE|UNFORMATTED_VALUE|FORMULA "
        "responseDateTimeRenderOption:SERIAL_NUMBER|FORMATTED_STRING"
    ),
    "BatchUpdateValuesByDataFilterRequest": (
        "valueInputOption:RAW|USER_ENTERED data:[DataFilterValueRange] includeValuesInResponse:bool "
        "responseValueRenderOption:FORMATTED_VALUE|UNFORMATTED_VALUE|FORMULA "
        "responseDateTimeRenderOption:SERIAL_NUMBER|FORMATTED_STRING"
    ),
    "BatchClearValuesRequest": "ranges:[str]",
    "ClearValuesRequest": "",
}

MESSAGES: Mapping[str, Mapping[str, str]] = {
    name: dict(pair.split(":", 1) for pair in fields.split()) for name, fields in _MESSAGES.items()
}

_ONE_OF = {
    "ExtendedValue": "value",
    "DataFilter": "filter",
    "ConditionalFormatRule": "rule",
}


def _is_int(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and -(2**31) <= value < 2**31


_SCALARS: Mapping[str, tuple[Callable[[Any], bool], str]] = {
    "int": (_is_int, "TYPE_INT32"),
    "num": (lambda value: isinstance(value, int | float) and not isinstance(value, bool), "TYPE_DOUBLE"),
    "str": (lambda value: isinstance(value, str), "TYPE_STRING"),
    "bool": (lambda value: isinstance(value, bool), "TYPE_BOOL"),
    "any": (lambda _: True, ""),
}


def read(value: Any, kind: str, place: str = "") -> Any:
    """`value` as a message of that kind, nulls left out; `Malformed` where it is not one."""
    if kind in _SCALARS:
        fits, google_name = _SCALARS[kind]
        if not fits(value):
            raise _wrong(place, google_name, value)
        return value
    if kind.startswith("["):
        if not isinstance(value, list):
            raise _wrong(place, "list", value)
        inner = kind[1:-1]
        return [read(item, inner, f"{place}[{number}]") for number, item in enumerate(value)]
    if kind.startswith("{"):
        if not isinstance(value, Mapping):
            raise _wrong(place, "map", value)
        return {name: read(item, kind[1:-1], f"{place}[{name}]") for name, item in value.items()}
    fields = MESSAGES.get(kind)
    if fields is None:
        if not (isinstance(value, str) and value in kind.split("|")):
            raise _wrong(place, "TYPE_ENUM", value)
        return value
    return _message(value, kind, fields, place)


def _message(value: Any, kind: str, fields: Mapping[str, str], place: str) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise _wrong(place, f"type.googleapis.com/google.apps.sheets.v4.{kind}", value)
    seen: dict[str, Any] = {}
    for name, item in value.items():
        if name not in fields:
            where = f" at '{place}'" if place else ""
            raise Malformed(
                place, f'Invalid JSON payload received. Unknown name "{name}"{where}: Cannot find field.'
            )
        if item is not None:
            seen[name] = read(item, fields[name], f"{place}.{snake(name)}" if place else snake(name))
    if kind in _ONE_OF and len([name for name in seen if fields[name] != "[GridRange]"]) > 1:
        last = list(seen)[-1]
        raise Malformed(
            place,
            f"Invalid value at '{place}' (oneof), oneof field '{_ONE_OF[kind]}' is already set. "
            f"Cannot set '{last}'",
        )
    return seen


def _wrong(place: str, google_name: str, value: Any) -> Malformed:
    shown = f'"{value}"' if isinstance(value, str) else str(value)
    return Malformed(place, f"Invalid value at '{place}' ({google_name}), {shown}")


def snake(name: str) -> str:
    return re.sub(r"([A-Z])", lambda match: "_" + match[1].lower(), name)
