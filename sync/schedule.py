"""When what is done: tasks with a rhythm, one worker to a lane, so that there is one writer."""

import contextlib
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.base import JobLookupError
from apscheduler.schedulers.background import BackgroundScheduler

log = logging.getLogger(__name__)
# The lanes: what the figures need, what stands beside them (its first load may take hours), and the exports' network.
WORK, BESIDE, EXPORT = "default", "beside", "export"


@dataclass(frozen=True, slots=True)
class Task:
    """`run` is called every `every` seconds, never twice at a time; a missed turn is not caught up."""

    name: str
    every: float
    run: Callable[[], object]
    lane: str = WORK
    at_once: bool = True


class Schedule:
    """Runs tasks in the background until it is stopped."""

    def __init__(self, tasks: Sequence[Task]) -> None:
        logging.getLogger("apscheduler").setLevel(logging.ERROR)
        self._scheduler = BackgroundScheduler(
            executors={lane: ThreadPoolExecutor(1) for lane in (WORK, BESIDE, EXPORT)},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
            timezone=UTC,
        )
        for task in tasks:
            self._scheduler.add_job(
                _guarded(task),
                "interval",
                seconds=task.every,
                id=task.name,
                executor=task.lane,
                **({"next_run_time": datetime.now(UTC)} if task.at_once else {}),
            )

    def start(self) -> None:
        self._scheduler.start()

    def hurry(self, name: str, seconds: float = 0.0) -> None:
        """Give a task its turn in so many seconds, if that is sooner; not while it runs, for then it has its turn."""
        if not self._scheduler.running:
            return
        moment = datetime.now(UTC) + timedelta(seconds=seconds)
        with contextlib.suppress(JobLookupError):  # told to end meanwhile
            job = self._scheduler.get_job(name)
            if job is not None and job.next_run_time > moment:
                self._scheduler.modify_job(name, next_run_time=moment)

    def stop(self) -> None:
        """Let the running tasks end, start no other."""
        self._scheduler.shutdown(wait=True)


def _guarded(task: Task) -> Callable[[], None]:
    """A task that fails is logged and comes again in its next turn; the others go on."""

    def run() -> None:
        try:
            task.run()
        except Exception:
            log.exception("task.failed name=%s", task.name)

    return run
