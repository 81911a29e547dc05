"""What hardly ever happens in a demo company, done to its deals on purpose."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from typing import Any

from sandbox.amocrm.company import Demo
from sandbox.amocrm.truth import LOST, WON, Lead

PAUSE = 47 * 60


class Unusual:
    """Acts on deals that nobody has touched yet, each some time after the one before, over midnights."""

    def __init__(self, demo: Demo, now: datetime) -> None:
        self._account, self._place = demo.account, demo.premises
        self._sales = demo.premises.statuses["Продажи"]
        self._moment = int(now.timestamp())
        self._today: date = now.astimezone(demo.account.zone).date()
        self._free: Iterator[Lead] = iter(sorted(demo.account.leads.values(), key=lambda lead: -lead.id))
        self._passed_over: list[Lead] = []

    @property
    def moment(self) -> int:
        """The next act's."""
        self._moment += PAUSE
        return self._moment

    @property
    def until(self) -> int:
        return self._moment

    def money(self) -> None:
        """Amounts, dates and payments of signed deals."""
        day = timedelta(days=1)
        edits: list[dict[str, Any]] = [
            {"Сумма договора": 77_777.77},
            {"Сумма договора": None},
            {"Сумма договора": 0},
            {"Дата договора": self._today - 45 * day},
            {"Дата договора": self._today + 5 * day},
            {"Дата договора": None},
            {"Доплата": 5000, "Дата доплаты": self._today + day},
            {"Доплата": 5000, "Дата доплаты": None},
            {"Доплата": -3000, "Дата доплаты": self._today},
            {"Доплата": 900_000, "Дата доплаты": self._today},
            {"Доплата": 900_000, "Дата доплаты": self._today + 9 * day},
            {"Предоплата": 1000, "Дата предоплаты": None, "Доплата": None, "Дата доплаты": None},
            {"Предоплата": None, "Дата предоплаты": None, "Доплата": None, "Дата монтажа": self._today},
            {"Предоплата": None, "Доплата": None, "Дата монтажа": self._today - day},
            {"Предоплата": None, "Доплата": None, "Дата монтажа": self._today - 30 * day},
            {"Предоплата": None, "Доплата": None, "Дата монтажа": self._today - 31 * day},
            {"Предоплата": None, "Доплата": None, "Дата монтажа": self._today - 60 * day},
            {"Предоплата": None, "Доплата": None, "Дата монтажа": None},
            {"Закуп материалов": 0, "Расходы на доставку": 0, "Расходы на монтаж": 0},
            {"Закуп материалов": 2_000_000, "Расходы на доставку": 0, "Расходы на монтаж": 0},
        ]
        for edit in edits:
            self._fill(self._signed(), edit)

    def missing_amounts(self) -> None:
        """Signed without any amount; one is filled in later, one stays."""
        for later in (150_000, None):
            lead = self._at("КП", "Замер", "Новая заявка")
            self._account.update_lead(
                lead.id, price=0, fields=self._named({"Сумма договора": None}), moment=self.moment
            )
            self._move(lead, "Договор")
            if later:
                self._fill(lead, {"Сумма договора": later})

    def changes_of_mind(self) -> None:
        """Cancelled, resumed, trashed, restored; before and after the signature."""
        account = self._account
        self._lose(self._signed())
        back = self._signed()
        self._lose(back)
        self._move(back, "Монтаж")
        twice = self._signed()
        for _ in range(2):
            self._lose(twice)
            self._move(twice, "Договор")
        account.delete_lead(self._signed().id, moment=self.moment)
        restored = self._signed()
        account.delete_lead(restored.id, moment=self.moment)
        account.restore_lead(restored.id, moment=self.moment)
        lost_and_deleted = self._signed()
        self._lose(lost_and_deleted)
        account.delete_lead(lost_and_deleted.id, moment=self.moment)
        planned, backdated = self._signed(), self._signed()
        self._fill(planned, {"Дата договора": self._today + timedelta(days=5)})
        self._lose(planned)
        self._fill(backdated, {"Дата договора": self._today - timedelta(days=2)})
        self._lose(backdated)
        changed = self._signed()
        self._lose(changed)
        self._fill(changed, {"Сумма договора": 11_111})
        self._move(changed, "Договор")
        account.delete_lead(self._at("Новая заявка", "Перенос").id, moment=self.moment)

    def odd_ways(self) -> None:
        """Skipped steps, several moves in a second, hand-overs, other pipelines."""
        account, place = self._account, self._place
        account.move_lead(self._at("Новая заявка", "Перенос").id, WON, moment=self.moment)
        for typed in (self._at("КП", "Замер"), self._lost()):
            self._fill(typed, {"Дата договора": self._today, "Сумма договора": 33_333})
        quick, moment = self._at("Новая заявка", "Перенос", "Замер"), self.moment
        for status in ("КП", "Договор", "КП", "Монтаж"):
            account.move_lead(quick.id, self._sales[status], moment=moment)
        heir = place.managers["Татьяна Белова"]
        for lead in (self._at("КП", "Замер", "Новая заявка", "Перенос"), self._signed()):
            account.update_lead(lead.id, responsible_user_id=heir, by=place.head, moment=self.moment)
            self._lose(lead)
        returned = self._lost()
        self._move(returned, "Новая заявка")
        self._lose(returned)
        moved = self._signed()
        account.move_lead(
            moved.id,
            place.statuses["Расходы"]["К оплате"],
            pipeline_id=place.pipelines["Расходы"],
            moment=self.moment,
        )

    def other_pipelines(self) -> None:
        """A repair becomes a sale; a sale becomes a repair, before and after it was signed."""
        account, place = self._account, self._place
        repairs, repair = place.pipelines["Сервис"], place.statuses["Сервис"]["Ремонт"]
        repaired = next(
            one for one in account.leads.values() if one.pipeline_id == repairs and not one.deleted_at
        )
        sales = place.pipelines["Продажи"]
        account.move_lead(repaired.id, self._sales["Новая заявка"], pipeline_id=sales, moment=self.moment)
        for lead in (self._at("Замер", "КП", "Новая заявка", "Перенос"), self._signed(), self._signed()):
            account.move_lead(lead.id, repair, pipeline_id=repairs, moment=self.moment)
        account.move_lead(lead.id, LOST, moment=self.moment)

    def staff(self) -> None:
        """Somebody vanishes from the list; two things in one second, in both orders."""
        account, heir = self._account, self._place.managers["Алексей Ким"]
        account.remove_user(self._place.managers["Елена Морозова"])
        for first in ("owner", "step"):
            lead, moment = self._at("Новая заявка", "Перенос", "Замер", "КП"), self.moment
            if first == "step":
                account.move_lead(lead.id, self._sales["Договор"], moment=moment)
            account.update_lead(lead.id, responsible_user_id=heir, moment=moment)
            if first == "owner":
                account.move_lead(lead.id, self._sales["Договор"], moment=moment)

    def trash(self) -> None:
        """What was trashed long ago comes back or goes for good; something comes and goes unseen."""
        account, place = self._account, self._place
        old = [lead for lead in account.leads.values() if lead.deleted_at is not None and not lead.purged]
        account.restore_lead(old[-1].id, moment=self.moment)
        account.purge()
        unseen = account.add_lead(
            "Промелькнула", pipeline_id=place.pipelines["Продажи"], status_id=self._sales["Договор"],
            responsible_user_id=place.head, price=5000, moment=self.moment,
        )  # fmt: skip
        account.delete_lead(unseen, moment=self.moment)

    def words(self) -> None:
        """Sources and products written anew; a client without a name; leads of another day."""
        self._fill(self._lost(), {"Источник": "Сайт", "Продукт": "Лоджия"})
        self._fill(self._signed(), {"Источник": "ВКонтакте"})
        self._fill(self._signed(), {"Источник": None})
        account, place = self._account, self._place
        firm = account.add_company("ООО «Без лица»", responsible_user_id=place.head, moment=self.moment)
        for days, company in ((400, None), (0, firm), (-3, None)):
            values = {"Дата заявки": self._today - timedelta(days=days), "Предоплата": 700}
            account.add_lead(
                "", pipeline_id=place.pipelines["Продажи"], status_id=self._sales["Новая заявка"],
                responsible_user_id=place.head, company_id=company, fields=self._named(values), moment=self.moment,
            )  # fmt: skip
        account.add_lead(
            "Сразу отказ", pipeline_id=place.pipelines["Продажи"], status_id=LOST, responsible_user_id=place.head,
            fields=self._named({"Предоплата": 500, "Дата предоплаты": self._today}), moment=self.moment,
        )  # fmt: skip

    def _signed(self) -> Lead:
        return self._at("Договор", "Монтаж", "Успешно реализовано")

    def _lost(self) -> Lead:
        return self._at("Закрыто и не реализовано")

    def _at(self, *statuses: str) -> Lead:
        """A deal of the sales pipeline that stands there and was not taken before."""
        wanted = {self._sales[status] for status in statuses}
        suits: Callable[[Lead], bool] = lambda lead: (  # noqa: E731
            lead.deleted_at is None
            and lead.pipeline_id == self._place.pipelines["Продажи"]
            and lead.status_id in wanted
            and lead.updated_at < self._moment
        )
        found = next((lead for lead in self._passed_over if suits(lead)), None)
        while found is None:
            lead = next(self._free)
            if suits(lead):
                return lead
            self._passed_over.append(lead)
        self._passed_over.remove(found)
        return found

    def _fill(self, lead: Lead, values: dict[str, Any]) -> None:
        self._account.update_lead(lead.id, fields=self._named(values), moment=self.moment)

    def _move(self, lead: Lead, status: str) -> None:
        self._account.move_lead(lead.id, self._sales[status], moment=self.moment)

    def _lose(self, lead: Lead) -> None:
        self._account.move_lead(lead.id, LOST, moment=self.moment)

    def _named(self, values: dict[str, Any]) -> dict[int, Any]:
        return {self._place.fields[name]: value for name, value in values.items()}
