"""A strict stand-in of Google Sheets over HTTP, and a page that shows its spreadsheets.

What it deliberately is not: formulas are kept and follow moving rows, columns and tabs, but are not
calculated; merged cells, groups, sorting, pivot tables and filter views are unknown; USER_ENTERED and
values.append are refused with 501.  Not verified against Google: the status of a refused write to
protected cells (400 here), what appended rows inherit (the looks of the last row here), and the limit
of developer metadata.
"""

from sandbox.google.server import GoogleServer

__all__ = ["GoogleServer"]
