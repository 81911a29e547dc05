"""From the door to a cell: what real accounts sent, and what people type that spreadsheets misread."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from bootstrap import Parts
from config import from_mapping
from exporting import Exporter
from exports.text import CUT_MARK
from jobs import Jobs
from sandbox.amocrm import Account, AmoServer, Fault
from sandbox.amocrm.exchange import Reply
from sandbox.google.server import GoogleServer
from tests.harness import SECRET, SetClock, make_settings, rows
from webhooks.server import MAX_BODY, create_app

SAMPLES = Path(__file__).parent / "samples" / "amocrm"
ROBOT = "robot@tests.iam.gserviceaccount.com"
SALES, SIGNED, COURSES = 9621010, 76789230, 5204152
SELLER, LEAD, CONTACT, COURSE_LEAD = 10000698, 32966269, 37054081, 9228191
FIELD1, FIELD2, SOURCE, PRODUCT = 752009, 752011, 936587, 921871
MAPPING = {
    "fields": {"source": SOURCE, "product": PRODUCT},
    "pipelines": {
        SALES: {"kind": "sales", "steps": {SIGNED: "contract"}},
        COURSES: {"kind": "sales", "steps": {}},
    },
}
HOSTILE = (
    '=IMPORTXML("http://x")',
    "+7 916 000-11-22",
    "007",
    "Окна 🪟 для бабушки 👵🏻",
    "@Алёна",
    "12.05.2026",
    "ИСТИНА",
    "'Апостроф",
    "<b>&amp;</b>",
)


@dataclass
class House:
    """An account in which the samples could have been made, the product, and the books that it keeps."""

    account: Account
    amo: AmoServer
    google: GoogleServer
    clock: SetClock
    jobs: Jobs
    spreadsheet: str
    workbook: Path

    def receive(self, body: bytes, headers: dict[str, str] | None = None) -> None:
        door = create_app(self.jobs.parts.inbox.keep, SECRET, lambda: {"ok": True}, MAX_BODY).test_client()
        assert door.post(f"/webhooks/amocrm/{SECRET}", data=body, headers=headers).status_code == 204

    def show(self) -> None:
        """Digest what came in, build, and write the books."""
        self.jobs.drain()
        self.jobs.build()
        exported = Exporter(self.jobs).export()
        assert [book.error for book in exported] == [None, None]

    def sheet_texts(self) -> dict[str, set[str]]:
        """The texts of each tab of the spreadsheet, formulas left out."""
        texts: dict[str, set[str]] = {}
        for tab, _, _, cell in self.google.book(self.spreadsheet).cells():
            value = dict(cell).get("userEnteredValue") or {}
            if "stringValue" in value:
                texts.setdefault(tab.title, set()).add(value["stringValue"])
        return texts

    def sheet_numbers(self, tab: str) -> set[Any]:
        return {value for line in self.google.values(self.spreadsheet, f"'{tab}'") for value in line}

    def workbook_cells(self, tab: str) -> list[Any]:
        book = load_workbook(self.workbook)
        return [cell for line in book[tab].iter_rows() for cell in line if cell.value is not None]


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    clock = SetClock()
    account = Account(clock)
    furnish(account)
    with AmoServer(account, rate=0) as amo, GoogleServer(quotas=False, validate=True) as google:
        spreadsheet = google.create_spreadsheet("Показатели", share={ROBOT: "writer"})
        workbook = tmp_path / "book.xlsx"
        content = make_settings(
            tmp_path, amo.url, MAPPING, google={"api_url": google.url},
            exports={"books": [
                {"name": "таблица", "kind": "sheets", "spreadsheet": spreadsheet},
                {"name": "книга", "kind": "xlsx", "path": str(workbook)},
            ]},
        )  # fmt: skip
        secrets = {
            "VITRINA_AMOCRM_TOKEN": amo.token,
            "VITRINA_WEBHOOK_SECRET": SECRET,
            "VITRINA_GOOGLE_KEY": json.dumps(google.service_account(ROBOT)),
        }
        config = from_mapping(content, tmp_path, secrets, {"amocrm", "webhook", "google"})
        jobs = Jobs(Parts(config, clock.tick))
        jobs.sync()
        yield House(account, amo, google, clock, jobs, spreadsheet, workbook)


def furnish(account: Account) -> None:
    """People, pipelines and fields under the ids of the samples."""
    take(account, "users", SELLER)
    account.add_user("Продавец", is_admin=True)
    take(account, "statuses", SIGNED - 1)  # the incoming leads of the pipeline come first
    take(account, "pipelines", COURSES)
    account.add_pipeline("Курсы", ())
    take(account, "statuses", SIGNED - 1)
    take(account, "pipelines", SALES)
    account.add_pipeline("Продажи", ("Договор",))
    for field, name, kind in (
        (FIELD1, "Поле1", "text"),
        (FIELD2, "Поле2", "text"),
        (PRODUCT, "stack", "select"),
        (SOURCE, "source_form", "text"),
    ):
        take(account, "fields", field)
        account.add_field(name, kind, ("backend",) if kind == "select" else ())


def take(account: Account, kind: str, identity: int) -> None:
    """Let the next thing of this kind get this id."""
    account._next[kind] = identity


def sample(name: str) -> tuple[bytes, dict[str, str]]:
    lines = (SAMPLES / f"{name}.headers").read_text(encoding="utf-8").splitlines()
    return (SAMPLES / f"{name}.form").read_bytes(), dict(line.split(": ", 1) for line in lines if line)


def live_through_the_samples(account: Account) -> None:
    take(account, "contacts", CONTACT)
    account.add_contact("Иван Пробный", responsible_user_id=SELLER, moment=1748289231)
    take(account, "leads", LEAD)
    account.add_lead(
        "Test", pipeline_id=SALES, status_id=SIGNED, responsible_user_id=SELLER, price=999,
        contacts=(CONTACT,), moment=1748268669,
    )  # fmt: skip
    account.update_lead(LEAD, price=9919, fields={FIELD1: "1", FIELD2: "2"}, moment=1748268812)


def test_the_deliveries_of_a_real_account_arrive_in_the_cells(house: House) -> None:
    live_through_the_samples(house.account)

    for name in ("webhook_lead_add", "webhook_contact_add", "webhook_contact_update", "webhook_lead_update"):
        house.receive(*sample(name))
    house.show()

    assert house.jobs.parts.inbox.waiting() == []
    assert house.jobs.parts.inbox.set_aside_count() == 0
    kept = rows(
        house.jobs, "select stream, id from raw.records where stream in ('leads', 'contacts') order by 1"
    )
    assert kept == [("contacts", CONTACT), ("leads", LEAD)]
    ((amount, signed),) = rows(house.jobs, "select contract_amount, contract_on from core.deals")
    assert (float(amount), f"{signed}") == (9919.0, "2025-05-26")
    assert {"Test", "Продавец"} <= house.sheet_texts()["Прибыль по сделкам"]
    assert "Иван Пробный" in house.sheet_texts()["Дебиторка"]
    assert 9919 in house.sheet_numbers("Дебиторка")
    values = [cell.value for cell in house.workbook_cells("Дебиторка")]
    assert {"Test", "Иван Пробный", 9919} <= set(values)


def test_a_page_of_a_real_account_arrives_in_the_cells(house: House) -> None:
    page = (SAMPLES / "leads_page.json").read_bytes()
    delivery = sample("webhook_lead_update")[0].replace(str(LEAD).encode(), str(COURSE_LEAD).encode())
    house.amo.faults.add(Fault(Reply(200, page)), path="/api/v4/leads")

    house.receive(delivery)
    house.show()

    columns = "name, source, product, step, price, cast(lead_on as varchar), cast(lost_on as varchar)"
    assert rows(house.jobs, f"select {columns} from core.deals") == [
        (
            "Автосделка: ivan@example.test: Фронтенд-разработчик", "signed_up_program", "frontend", "lost",
            124000, "2022-04-30", "2022-05-10",
        )
    ]  # fmt: skip
    told = rows(house.jobs, "select json_array_length(payload, '$.custom_fields_values') from raw.records "
                            "where stream = 'leads'")  # fmt: skip
    assert told == [(12,)]
    assert "signed_up_program" in house.sheet_texts()["Источники"]
    assert "signed_up_program" in [cell.value for cell in house.workbook_cells("Источники")]
    assert "frontend" in house.sheet_texts()["Воронка"]


def test_a_delivery_of_another_account_is_set_aside(house: House) -> None:
    house.receive(sample("webhook_lead_update")[0].replace(b"31000001", b"31000002"))

    house.jobs.drain()

    assert house.jobs.parts.inbox.set_aside_count() == 1
    assert rows(house.jobs, "select count(*) from raw.records where stream = 'leads'") == [(0,)]


def test_what_people_type_arrives_as_that_text(house: House) -> None:
    endless = "🪟 окно " * 8_600
    for number, name in enumerate((*HOSTILE, endless), start=1):
        house.account.add_lead(
            name, pipeline_id=SALES, status_id=SIGNED, responsible_user_id=SELLER, price=1000 + number
        )
    house.clock.pass_by(30)
    house.jobs.sync()

    house.show()

    texts = house.sheet_texts()["Прибыль по сделкам"]
    assert set(HOSTILE) <= texts
    cells = house.workbook_cells("Прибыль по сделкам")
    shown = {cell.value for cell in cells if cell.data_type in ("s", "inlineStr")}
    assert set(HOSTILE) <= shown
    for arrived, limit in ((texts, 50_000), (shown, 32_767)):
        (cut,) = (text for text in arrived if text.startswith("🪟"))
        assert cut.endswith(CUT_MARK)
        assert endless.startswith(cut.removesuffix(CUT_MARK))
        assert limit - 1 <= len(cut.encode("utf-16-le")) // 2 <= limit
    formulas = {cell.value for cell in cells if cell.data_type == "f"}
    assert not any("IMPORTXML" in str(formula) for formula in formulas)
