"""Which streams are polled: those that every figure needs, and those beside them that a switch turns on or off."""

from collections.abc import Mapping, Sequence

from config import Config
from sync.again import LINKS, TRASH_EVENTS
from sync.poll import TRASH

REFERENCE = (
    "account",
    "users",
    "pipelines",
    "lead_fields",
    "contact_fields",
    "company_fields",
    "loss_reasons",
)
MOVING = ("leads", "contacts", "companies", "tasks", "events")
NEEDED = (*REFERENCE, *MOVING, TRASH)
"""What no figure can do without; `events` brings along the histories of the tracked fields."""

SWITCHES: Mapping[str, tuple[str, ...]] = {
    "notes": ("lead_notes", "contact_notes", "company_notes", "note_events"),
    "task_events": ("task_events",),
    "links": (LINKS,),
    "catalogs": ("catalogs", "catalog_elements"),
    "unsorted": ("unsorted", "unsorted_summary"),
    "tags": ("lead_tags", "contact_tags", "company_tags"),
    "groups": ("groups",),
    "roles": ("roles",),
    "trash_events": (TRASH_EVENTS,),
    "customers": ("customers", "transactions"),
}
"""Key of amocrm.streams → the streams that it turns on, in the order of loading."""

BESIDE = tuple(stream for streams in SWITCHES.values() for stream in streams)
STREAMS = (*NEEDED, *BESIDE)
"""What `vitrina sync` knows, in the order of loading."""

RHYTHM: Mapping[str, str] = {
    "task_events": "tasks",
    "tags": "reference",
    "groups": "reference",
    "roles": "reference",
    "trash_events": "trash",
}
"""Switch → the key of sync.every by which its streams are polled, where the two have different names."""


def switch_of(stream: str) -> str:
    """The switch that turns this stream on."""
    return next(switch for switch, streams in SWITCHES.items() if stream in streams)


def key_of(stream: str) -> str:
    """The place of that switch in the configuration."""
    return f"amocrm.streams.{switch_of(stream)}"


def is_on(config: Config, stream: str) -> bool:
    """Whether the configuration wants the stream."""
    return stream in NEEDED or bool(getattr(config.amocrm.streams, switch_of(stream)))


def chosen(config: Config, names: Sequence[str] = ()) -> list[str]:
    """Of these streams (of all, if none is named) those that are on, in the order of loading."""
    return [stream for stream in STREAMS if (not names or stream in names) and is_on(config, stream)]


def rhythm_beside(config: Config) -> Mapping[float, tuple[str, ...]]:
    """The streams beside the figures that are on, by the seconds between two polls."""
    found: dict[float, tuple[str, ...]] = {}
    for stream in chosen(config, BESIDE):
        switch = switch_of(stream)
        seconds = float(getattr(config.sync.every, RHYTHM.get(switch, switch)))
        found[seconds] = (*found.get(seconds, ()), stream)
    return found
