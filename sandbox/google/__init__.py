"""A strict stand-in of Google Sheets over HTTP, and a page that shows its spreadsheets."""

from sandbox.google.server import GoogleServer

__all__ = ["GoogleServer"]
