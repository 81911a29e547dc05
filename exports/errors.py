"""What can go wrong on the way out, each with one sentence for people."""

from typing import ClassVar


class ExportError(Exception):
    """A destination could not be written; the text is Russian, says why and what to do.

    `retryable`: waiting helps, nobody has to act.
    `needs_people`: there is no use in trying again soon, for somebody has to put something right.
    """

    retryable: ClassVar[bool] = False
    needs_people: ClassVar[bool] = True


class FileNotWritten(ExportError):
    """The workbook's file or folder does not let itself be written; mostly somebody has it open."""

    needs_people: ClassVar[bool] = False


class KeyUnreadable(ExportError):
    """The robot's key is not a service account key."""


class KeyRevoked(ExportError):
    """Google does not accept the robot's key any more, or the clock here is wrong."""


class NotShared(ExportError):
    """The spreadsheet exists, but the robot may not edit it."""


class SpreadsheetGone(ExportError):
    """There is no such spreadsheet."""


class ApiDisabled(ExportError):
    """Google Sheets API is switched off in the robot's project."""


class ProtectedRange(ExportError):
    """Someone protected cells that the robot has to write."""


class NobodyThere(ExportError):
    """The book is for somebody whom the account does not know."""


class TooLarge(ExportError):
    """More than one atomic request, or one spreadsheet, can hold."""


class Refused(ExportError):
    """Google did not understand the request: the spreadsheet is not as we knew it, or we are wrong."""


class QuotaExceeded(ExportError):
    """Too many requests a minute."""

    retryable: ClassVar[bool] = True
    needs_people: ClassVar[bool] = False


class Unreachable(ExportError):
    """No usable answer; whether the request was carried out is not known."""

    retryable: ClassVar[bool] = True
    needs_people: ClassVar[bool] = False
