"""Secrets come from the environment only: by a variable, or by a file that a variable names."""

import json
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from pydantic import SecretStr

from config_problems import DEFAULT_LOCALE, Problem

Need = Literal["amocrm", "webhook", "google", "inputs"]

AMOCRM_TOKEN = "VITRINA_AMOCRM_TOKEN"
AMOCRM_CLIENT_SECRET = "VITRINA_AMOCRM_CLIENT_SECRET"
AMOCRM_CODE = "VITRINA_AMOCRM_CODE"
WEBHOOK_SECRET = "VITRINA_WEBHOOK_SECRET"
GOOGLE_KEY = "VITRINA_GOOGLE_KEY"

WEBHOOK_SECRET_LEAST = 16

_PURPOSES: dict[str, tuple[str, str]] = {
    AMOCRM_TOKEN: ("долгосрочный токен интеграции amoCRM", "the long-lived token of the amoCRM integration"),
    AMOCRM_CLIENT_SECRET: ("секретный ключ интеграции amoCRM", "the secret key of the amoCRM integration"),
    AMOCRM_CODE: (
        "код авторизации amoCRM, нужен один раз, пока нет файла токенов",
        "the authorization code of amoCRM, needed once, while there is no file of tokens",
    ),
    WEBHOOK_SECRET: ("секрет в адресе для вебхуков", "the secret in the address for webhooks"),
    GOOGLE_KEY: ("ключ сервисного аккаунта Google", "the key of a Google service account"),
}


@dataclass(frozen=True, slots=True)
class Secrets:
    """What must not be printed; None where it is neither given nor needed."""

    amocrm_token: SecretStr | None = None
    amocrm_client_secret: SecretStr | None = None
    amocrm_code: SecretStr | None = None
    webhook: SecretStr | None = None
    google_key: SecretStr | None = None
    google_keys: Mapping[str, SecretStr] = field(default_factory=dict)  # of other robots, by their variables


class SecretReader:
    """Reads variables one by one and remembers what is wrong with those that are needed."""

    def __init__(self, environ: Mapping[str, str], folder: Path, locale: str = DEFAULT_LOCALE) -> None:
        self.problems: list[Problem] = []
        self._environ = environ
        self._folder = folder
        self._english = locale == "en"

    def read(self, name: str, check: Callable[[str], Problem | None], *, needed: bool) -> SecretStr | None:
        """The secret of that name; a blank one counts as not given, one not needed is never complained of."""
        found = self._text(name)
        if isinstance(found, str) and found:
            found = check(found) or found
        if isinstance(found, str) and found:
            return SecretStr(found)
        if needed:
            self.problems.append(found if isinstance(found, Problem) else self._missing(name))
        return None

    def _text(self, name: str) -> str | Problem:
        direct = self._environ.get(name, "").strip()
        file = self._environ.get(f"{name}_FILE", "").strip()
        if direct and file:
            return Problem("secret_twice", (name,), {"name": name})
        if not file:
            return direct
        path = self._folder / Path(file).expanduser()
        try:
            return path.read_text(encoding="utf-8-sig").strip()
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "UTF-8"
            return Problem("secret_unreadable", (f"{name}_FILE",), {"path": path, "reason": reason})

    def _missing(self, name: str) -> Problem:
        purpose = _PURPOSES.get(name, _PURPOSES[GOOGLE_KEY])
        return Problem("secret_missing", (name,), {"name": name, "purpose": purpose[self._english]})


def read_secrets(
    reader: SecretReader,
    need: Collection[Need],
    *,
    oauth: bool,
    first_time: bool,
    google: Collection[str],
    inputs: bool,
) -> Secrets:
    """The secrets that `need` asks for and, where given, the others.

    `oauth`: the account is entered by OAuth, not by a long-lived token; `first_time`: its code is still to be
    exchanged; `google`: the variables with the keys of those who write spreadsheets; `inputs`: there is one that
    people type in.
    """
    amocrm = "amocrm" in need
    is_read, is_written = "inputs" in need and inputs, "google" in need
    others = {name: _robot(reader, name, needed=is_written) for name in google if name != GOOGLE_KEY}
    return Secrets(
        amocrm_token=reader.read(AMOCRM_TOKEN, _opaque(AMOCRM_TOKEN), needed=amocrm and not oauth),
        amocrm_client_secret=reader.read(
            AMOCRM_CLIENT_SECRET, _opaque(AMOCRM_CLIENT_SECRET), needed=amocrm and oauth
        ),
        amocrm_code=reader.read(AMOCRM_CODE, _opaque(AMOCRM_CODE), needed=amocrm and first_time),
        webhook=reader.read(WEBHOOK_SECRET, _webhook_secret, needed="webhook" in need),
        google_key=_robot(reader, GOOGLE_KEY, needed=is_read or (is_written and GOOGLE_KEY in google)),
        google_keys={name: key for name, key in others.items() if key is not None},
    )


def _opaque(name: str) -> Callable[[str], Problem | None]:
    def check(text: str) -> Problem | None:
        return None if re.fullmatch(r"[!-~]+", text) else Problem("secret_malformed", (name,))

    return check


def _webhook_secret(text: str) -> Problem | None:
    if len(text) < WEBHOOK_SECRET_LEAST or not re.fullmatch(r"[A-Za-z0-9_-]+", text):
        return Problem("secret_short", (WEBHOOK_SECRET,), {"least": WEBHOOK_SECRET_LEAST})
    return None


def _robot(reader: SecretReader, name: str, *, needed: bool) -> SecretStr | None:
    """The key of a robot."""

    def check(text: str) -> Problem | None:
        return None if _is_google_key(text) else Problem("google_key", (name,))

    return reader.read(name, check, needed=needed)


def _is_google_key(text: str) -> bool:
    try:
        key = json.loads(text)
    except ValueError:
        return False
    wanted = ("client_email", "private_key", "token_uri")
    return isinstance(key, dict) and key.get("type") == "service_account" and all(key.get(w) for w in wanted)
