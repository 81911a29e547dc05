"""What the demo's office types is taken by the product as it stands, to the last row."""

from datetime import date
from pathlib import Path

from sandbox.office import type_tables
from tests.harness import an_office, rows


def test_every_row_that_the_office_types_is_accepted(tmp_path: Path) -> None:
    with an_office(tmp_path, deals=30, months=3) as office:
        jobs = office.product("demo", inputs={"folder": str(tmp_path / "typed")})
        jobs.sync()
        type_tables(tmp_path / "typed", office.company.premises, date(2026, 5, 20), months=3)

        look = jobs.inputs.take()
        jobs.build()

        assert look.refused == []
        assert len(look.accepted) == 6
        paid = "select count(distinct month) from mart.payroll where salary_amount > 0"
        assert rows(jobs, paid) == [(3,)], "from the first month on, not from the day of the demo"
        assert rows(jobs, "select count(*) > 0 from mart.plan_fact where current_plan > 0") == [(True,)]
