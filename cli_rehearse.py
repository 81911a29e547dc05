"""What `vitrina sync --dry-run` says: what would be new, changed and gone, for people or for programs."""

import json
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

import screens
import texts
from cli_frame import FAILED, fail, local_midnight, tell_stopped
from jobs import Synced

if TYPE_CHECKING:
    from jobs import Jobs
    from rehearsing import Rehearsal
    from sync.rehearse import Id

IDS_SHOWN = 10  # of each kind on the screen
IDS_TOLD = 1_000  # of each kind in JSON


def rehearse(
    jobs: "Jobs", streams: Sequence[str], since: str | None, *, full: bool, deal: int | None, as_json: bool
) -> None:
    """Tell what the sync with these words would change; nothing is written."""
    if deal is not None:
        told = jobs.rehearse_deal(deal)
        if told is None:
            fail(texts.sentence("unknown_deal", jobs.parts.config.locale, deal=deal), FAILED)
    else:
        is_there = jobs.parts.warehouse.path.exists()  # only to open a warehouse would make one
        moment = local_midnight(since, jobs) if since and is_there else None
        told = jobs.rehearse(streams, since=moment, full=full)
    if as_json:
        print(json.dumps(_as_json(told), ensure_ascii=False, indent=2))
    else:
        _show(told)
    tell_stopped(jobs, Synced({each.stream: each.count for each in told.streams}, told.errors, told.lacking))


def _show(told: "Rehearsal") -> None:
    loaded = [each for each in told.streams if each.is_loaded]
    rows = [
        (
            each.stream,
            len(each.new),
            len(each.changed),
            len(each.gone),
            _ids(each.new | each.changed | each.gone),
        )
        for each in loaded
        if each.count
    ]
    if rows:
        screens.table(None, ("Поток", "Новых", "Изменённых", "Удалённых", "Номера"), rows)
    elif loaded:
        screens.out.print("Ничего не изменилось бы")
    if fresh := [each.stream for each in told.streams if not each.is_loaded]:
        screens.out.print(f"Ещё не загружались, загрузились бы целиком: {', '.join(fresh)}")


def _ids(ids: Collection["Id"]) -> str:
    shown = ", ".join(map(str, sorted(ids, key=str)[:IDS_SHOWN]))
    return f"{shown}, …" if len(ids) > IDS_SHOWN else shown


def _as_json(told: "Rehearsal") -> dict[str, object]:
    return {
        "streams": {
            each.stream: {
                "is_loaded": each.is_loaded,
                **{
                    kind: {"count": len(ids), "ids": sorted(ids, key=str)[:IDS_TOLD]}
                    for kind, ids in (("new", each.new), ("changed", each.changed), ("gone", each.gone))
                },
            }
            for each in told.streams
        },
        "errors": {stream: f"{type(error).__name__}: {error}" for stream, error in told.errors.items()},
    }
