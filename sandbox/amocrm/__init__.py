"""A strict stand-in of an amoCRM account, served over real HTTP."""

from sandbox.amocrm.account import Account
from sandbox.amocrm.books import Settings
from sandbox.amocrm.faults import Fault, Faults
from sandbox.amocrm.grants import OAuth
from sandbox.amocrm.manners import Manners
from sandbox.amocrm.posting import Posting
from sandbox.amocrm.server import AmoServer

__all__ = ["Account", "AmoServer", "Fault", "Faults", "Manners", "OAuth", "Posting", "Settings"]
