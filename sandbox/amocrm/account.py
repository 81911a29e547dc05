"""The whole account, built up from the verbs of its parts."""

from sandbox.amocrm.redecorating import Redecorating


class Account(Redecorating):
    """A whole amoCRM account held in memory: the truth that figures can be checked against.

    `leads` (also those in the trash), `events` and `journal` are there to be read.
    """
