"""What people read when a command line cannot be meant, in place of the parser's English."""

import re
from typing import Final

ARGUMENTS: Final = "Аргументы"
COMMANDS: Final = "Команды"
OPTIONS: Final = "Параметры"
HELP: Final = "показать эту справку"

_SENTENCES: Final = tuple(
    (re.compile(pattern), text)
    for pattern, text in (
        (r"^No such command '(.+?)'\.?(?: Did you mean '(.+)'\?)?", "нет команды «{0}»{1}"),
        (r"^No such option:? '?([^ ']+)'?(?: \(Possible options: (.+)\))?", "нет параметра «{0}»{1}"),
        (r"^Option '(.+?)' requires", "после {0} нужно значение"),
        (r"^Option '(.+?)' does not take", "после {0} значения не бывает"),
        (r"^Missing (?:argument|option|parameter) '?(.+?)'?\.", "не хватает {0}"),
        (r"^Got unexpected extra argument\S* \((.+)\)", "лишнее: {0}"),
        (r"^Invalid value for '(.+?)':.* valid integer", "{0}: нужно целое число"),
        (r"^Invalid value for '(.+?)':.* valid (?:number|float)", "{0}: нужно число"),
        (r"^Invalid value for '(.+?)':.* greater than or equal to (\S+)", "{0}: нужно число не меньше {1}"),
        (r"^Invalid value for '(.+?)':.* less than or equal to (\S+)", "{0}: нужно число не больше {1}"),
        (r"^Invalid value for '(.+?)':.* is not one of (.+?)\.?$", "{0}: нужно одно из: {1}"),
    )
)
_GUESS: Final = "; может быть, {guess}"


def in_russian(message: str, place: str) -> str:
    """The parser's complaint as a sentence; `place` is the command whose help tells the right way."""
    for pattern, text in _SENTENCES:
        found = pattern.match(message)
        if found:
            first, second = (*found.groups(default=""), "")[:2]
            guess = _GUESS.format(guess=second) if second and text.endswith("»{1}") else second
            return f"{text.format(first, guess)}; как правильно: {place} --help"
    return f"так вызвать нельзя ({message}); как правильно: {place} --help"
