"""The messages of the Sheets API that the stand-in understands, field by field."""

from __future__ import annotations

from collections.abc import Mapping

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
    "EmbeddedChart": "chartId:int spec:ChartSpec position:EmbeddedObjectPosition",
    # Of the kinds of charts the basic one is looked into; the others are kept as they come.
    "ChartSpec": (
        "title:str altText:str titleTextFormat:TextFormat titleTextPosition:any subtitle:str "
        "subtitleTextFormat:TextFormat subtitleTextPosition:any fontName:str maximized:bool "
        "backgroundColor:Color backgroundColorStyle:ColorStyle filterSpecs:[any] sortSpecs:[any] "
        "hiddenDimensionStrategy:"
        "SKIP_HIDDEN_ROWS_AND_COLUMNS|SKIP_HIDDEN_ROWS|SKIP_HIDDEN_COLUMNS|SHOW_ALL "
        "basicChart:BasicChartSpec pieChart:any bubbleChart:any candlestickChart:any orgChart:any "
        "histogramChart:any waterfallChart:any treemapChart:any scorecardChart:any"
    ),
    "BasicChartSpec": (
        "chartType:BAR|LINE|AREA|COLUMN|SCATTER|COMBO|STEPPED_AREA "
        "legendPosition:BOTTOM_LEGEND|LEFT_LEGEND|RIGHT_LEGEND|TOP_LEGEND|NO_LEGEND|INSIDE_LEGEND "
        "axis:[BasicChartAxis] domains:[BasicChartDomain] series:[BasicChartSeries] headerCount:int "
        "threeDimensional:bool interpolateNulls:bool stackedType:NOT_STACKED|STACKED|PERCENT_STACKED "
        "lineSmoothing:bool compareMode:DATUM|CATEGORY totalDataLabel:any"
    ),
    "BasicChartAxis": (
        "position:BOTTOM_AXIS|LEFT_AXIS|RIGHT_AXIS title:str format:TextFormat titleTextPosition:any "
        "viewWindowOptions:any"
    ),
    "BasicChartDomain": "domain:ChartData reversed:bool",
    "BasicChartSeries": (
        "series:ChartData targetAxis:BOTTOM_AXIS|LEFT_AXIS|RIGHT_AXIS "
        "type:BAR|LINE|AREA|COLUMN|SCATTER|COMBO|STEPPED_AREA color:Color colorStyle:ColorStyle "
        "lineStyle:any pointStyle:any dataLabel:any styleOverrides:[any]"
    ),
    "ChartData": (
        "sourceRange:ChartSourceRange columnReference:any groupRule:any "
        "aggregateType:AVERAGE|COUNT|MAX|MEDIAN|MIN|SUM"
    ),
    "ChartSourceRange": "sources:[GridRange]",
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
    "UpdateProtectedRangeRequest": "protectedRange:ProtectedRange fields:str",
    "DeleteProtectedRangeRequest": "protectedRangeId:int",
    "AddBandingRequest": "bandedRange:BandedRange",
    "DeleteBandingRequest": "bandedRangeId:int",
    "AddConditionalFormatRuleRequest": "rule:ConditionalFormatRule index:int",
    "DeleteConditionalFormatRuleRequest": "sheetId:int index:int",
    "AddChartRequest": "chart:EmbeddedChart",
    "UpdateChartSpecRequest": "chartId:int spec:ChartSpec",
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
