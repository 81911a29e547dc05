"""`vitrina demo`: the product alive on this machine, with stand-ins for the account and for Google."""

import contextlib
import json
import logging
import signal
import statistics
import tempfile
import time
import webbrowser
from collections import deque
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import screens
from bootstrap import Parts
from cli_frame import interruptible
from closing import Closing
from config import Config, from_mapping
from exporting import Exporter
from jobs import Jobs
from sandbox.amocrm import AmoServer
from sandbox.amocrm.company import Demo, demo_company
from sandbox.amocrm.staff import Action, Staff
from sandbox.google.server import GoogleServer
from sandbox.office import type_tables
from screens import number
from seat import stop_signal
from service import Service
from status import Delay, read_delay
from warehouse.database import Transaction

ROBOT = "vitrina@demo.iam.gserviceaccount.com"
SECRET = "demo-demo-demo-demo"  # noqa: S105 – opens a door on the loopback, for as long as the demo lasts
WORKBOOK = "vitrina-demo.xlsx"
PER_SECOND = 0.5  # how often somebody of the staff does something
DEALS, MONTHS = 2000, 18
PAYDAY = 10  # of the month after the one that was worked
UNASKED = 3600  # seconds between questions what has changed: its webhooks come, and nobody else need find out
SHOWN = 3  # of the staff's last actions, on the page
HOOKS = [
    f"{action}_{kind}"
    for kind in ("lead", "contact", "company")
    for action in ("add", "update", "delete", "restore", "responsible")
] + ["status_lead", "add_task", "update_task", "delete_task", "responsible_task"]


@dataclass(frozen=True, slots=True)
class Stage:
    """The stand-ins, and where the demo keeps its files."""

    company: Demo
    amo: AmoServer
    google: GoogleServer
    book: str
    folder: Path
    state: Path

    @property
    def page(self) -> str:
        return f"{self.google.url}/spreadsheets/d/{self.book}"


def play(folder: Path, *, once: bool, browser: bool) -> None:
    """Load, build, write; then keep the page alive until Ctrl-C, unless `once`."""
    _check_folder(folder)
    screens.err.print("Строим компанию: 12 менеджеров, 3 воронки, 18 месяцев продаж окон…")
    company = demo_company(deals=DEALS, months=MONTHS)
    with contextlib.ExitStack() as stack:
        _keep_the_log_off_the_screen(stack)
        _take_a_kill_for_ctrl_c(stack)
        state = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="vitrina-demo-")))
        amo = stack.enter_context(AmoServer(company.account))
        google = stack.enter_context(GoogleServer(keep_revisions=30, keep_requests=50))
        book = google.create_spreadsheet("Показатели компании", share={ROBOT: "writer"})
        stage = Stage(company, amo, google, book, folder.absolute(), state)
        config = _config(stage)
        today = datetime.now(company.account.zone).date()
        type_tables(config.inputs.folder, company.premises, today, MONTHS)
        jobs = Jobs(Parts(config))
        exporter = Exporter(jobs)
        with interruptible(jobs.parts.patience.end):
            _first_pass(jobs, exporter, today)
        screens.out.print(f"Книга: {stage.folder / WORKBOOK}", markup=False, soft_wrap=True)
        if not once:
            _live(stack, stage, jobs, exporter, browser=browser)


def _check_folder(folder: Path) -> None:
    """OSError at once where the workbook could not be written a minute later."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=folder):
        pass


def _keep_the_log_off_the_screen(stack: contextlib.ExitStack) -> None:
    """Without a handler of ours every warning would stand between the lines that people read."""
    nowhere = logging.NullHandler()
    logging.root.addHandler(nowhere)
    stack.callback(logging.root.removeHandler, nowhere)


def _take_a_kill_for_ctrl_c(stack: contextlib.ExitStack) -> None:
    """A polite kill takes the temporary files away, too."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    stack.callback(signal.signal, signal.SIGTERM, before)


def _config(stage: Stage) -> Config:
    content = {
        "amocrm": {"url": stage.amo.url},
        "warehouse": {
            "path": str(stage.state / "vitrina.duckdb"),
            "published": str(stage.state / "vitrina-marts.duckdb"),
        },
        "sync": {"inbox": str(stage.state / "inbox"), "settle": 1, "every": {"probe": UNASKED}},
        "inputs": {"folder": str(stage.state / "inputs")},
        "money": {"wages_day": PAYDAY},
        "mapping": stage.company.mapping,
        "webhooks": {"port": 0},
        "google": {"api_url": stage.google.url},
        "exports": {
            "refresh_every": 1.25,
            "stamp_every": 30,
            "books": [
                {"name": "таблица", "kind": "sheets", "spreadsheet": stage.book},
                {"name": "книга", "kind": "xlsx", "path": str(stage.folder / WORKBOOK)},
            ],
        },
    }
    secrets = {
        "VITRINA_AMOCRM_TOKEN": stage.amo.token,
        "VITRINA_WEBHOOK_SECRET": SECRET,
        "VITRINA_GOOGLE_KEY": json.dumps(stage.google.service_account(ROBOT)),
    }
    return from_mapping(content, stage.folder, secrets, {"amocrm", "webhook", "google"})


def _first_pass(jobs: Jobs, exporter: Exporter, today: date) -> None:
    """Load and build, close the months that are over, as the company's accountant did, and write the books."""
    began = time.monotonic()
    screens.err.print("Загружаем из amoCRM (не больше 7 запросов в секунду, как разрешает amoCRM):")
    with screens.progress() as report:
        synced = jobs.sync(report=report)
    jobs.inputs.take()
    loaded = time.monotonic()
    built = jobs.build()
    Closing(jobs).close((today.replace(day=1) - timedelta(1)).replace(day=1))
    done = time.monotonic()
    exported = exporter.export()
    failed = [book.error for book in exported if book.error]
    if failed:
        raise failed[0]
    screens.out.print(
        f"Загружено записей: {number(sum(synced.changed.values()))} за {number(loaded - began, 0)} с; "
        f"витрин: {len(built.models)} за {number(done - loaded, 1)} с; "
        f"таблица и книга записаны за {number(time.monotonic() - done, 1)} с"
    )


def _live(
    stack: contextlib.ExitStack, stage: Stage, jobs: Jobs, exporter: Exporter, *, browser: bool
) -> None:
    """The staff works, its webhooks arrive, the page follows; Ctrl-C ends it."""
    stop = stop_signal()
    service = Service(jobs, exporter, host="127.0.0.1", port=0, secret=SECRET, max_body=1_048_576)
    service.start()
    stack.callback(service.stop)
    hook = f"http://127.0.0.1:{service.door.port}/webhooks/amocrm/{SECRET}"
    stage.company.account.subscribe(hook, HOOKS)
    staff = Staff(stage.company, seed=int(time.time()))
    stack.callback(staff.run(PER_SECOND, stop).join, 5)
    screens.out.print(f"Страница: {stage.page}", soft_wrap=True)  # a link that is broken cannot be clicked
    screens.out.print("Сотрудники работают, цифры меняются. Ctrl-C – закончить.")
    if browser:
        webbrowser.open(stage.page)
    watch = Watch(jobs)
    while not stop.wait(1.0):
        stage.google.set_status(stage.book, watch.lines(staff))
    screens.out.print("Заканчиваем.")


class Watch:
    """Measures how long what the staff does takes to reach the cells."""

    def __init__(self, jobs: Jobs) -> None:
        self._jobs = jobs
        self._zone = jobs.zone()
        self._seen = 0
        self._pending: deque[Action] = deque()
        self._delays: list[float] = []

    def lines(self, staff: Staff) -> list[tuple[str, str]]:
        """What the page says above the spreadsheet."""
        self._pending.extend(staff.actions[self._seen :])
        self._seen = len(staff.actions)
        with self._jobs.parts.warehouse.glance("watch") as tx:
            self._measure(tx)
            legs = _legs(read_delay(tx, self._jobs.parts.now()))
        last = [
            (datetime.fromtimestamp(action.moment, self._zone).strftime("%H:%M:%S"), action.text_ru)
            for action in reversed(staff.actions[-SHOWN:])
        ]
        return [("От действия сотрудника до ячейки", self.delay()), ("Вебхук, медиана", legs), *last]

    def delay(self) -> str:
        """The measured delay in words."""
        if not self._delays:
            return "измеряется…"
        median, last = number(statistics.median(self._delays), 1), number(self._delays[-1], 1)
        return f"медиана {median} с, последнее {last} с, действий: {len(self._delays)}"

    def _measure(self, tx: Transaction) -> None:
        """An action is in the cells when the first delivery after it is."""
        if not self._pending:
            return
        arrivals = tx.execute(
            "select received_at, exported_at from ops.deliveries where received_at >= ? order by 1",
            [_moment(self._pending[0])],
        )
        while self._pending:
            moment = _moment(self._pending[0])
            first = next(((came, seen) for came, seen in arrivals if came >= moment), None)
            if first is None or first[1] is None:
                return
            self._delays.append((first[1] - moment).total_seconds())
            self._pending.popleft()


def _moment(action: Action) -> datetime:
    return datetime.fromtimestamp(action.moment, UTC).replace(tzinfo=None)


def _legs(delay: Delay) -> str:
    """How long webhooks take to the warehouse and to the cell, as `vitrina status` tells it."""
    if delay.to_warehouse_p50 is None or delay.to_cell_p50 is None:
        return "измеряется…"
    return f"до хранилища {number(delay.to_warehouse_p50, 1)} с, до ячейки {number(delay.to_cell_p50, 1)} с"
