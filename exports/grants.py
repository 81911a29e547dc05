"""Who may see what: of each audience the marts and their columns. What is not named here nobody but the owner sees.

A manager sees of every mart the rows with his own number, so what is told of him here must have such a column.
"""

from collections.abc import Mapping

Values = tuple[str, ...]
Rows = tuple[str, Values]
"""A column, and the values that it must have in the rows that are shown."""

_FUNNEL = (
    "leads measure_leads measure_rate measure_note contract_leads contract_rate contract_note "
    "measure_contract_rate lost_leads lost_rate lost_note measures measures_rate contracts contracts_rate "
    "losses losses_rate returns"
)
_TOTALS = (
    "leads measure_leads measure_rate contract_leads contract_rate lost_leads lost_rate contracts net_amount "
    "average_amount"
)
_MOVEMENTS = (
    "contracts without_amount signed_amount changed_amount cancelled_contracts cancelled_amount resumed_amount "
    "net_amount"
)
_CHECKS = (
    "contracts priced_contracts average_amount median_amount low_amount high_amount largest_amount "
    "large_contracts large_rate"
)
_PLAN = (
    "month whom measure fact ahead first_plan current_plan prorata_plan versions attainment prorata_rate run_rate "
    "gap needed passed_days working_days"
)
_DEAL = "deal_id name client"
_DEBT = "contract_on contract_amount received_amount"
_SHIFTS = f"{_DEAL} first_on installation_on shifts shifted_days last_shift_on"
_PAYMENT = "due_on bucket deal_id seq name client kind expected_amount"
_DECLARED = f"{_DEAL} paid_on amount proof age_days"
_DISCOUNT = "contract_on list_amount contract_amount discount_amount discount_rate"
_PROFIT = (
    "deals complete_deals coverage contract_amount complete_amount costs_amount profit_amount margin_rate "
    "average_profit"
)
_NET = (
    "deals complete_deals coverage complete_amount profit_amount overheads_amount commission_amount net_amount "
    "net_rate other_overheads"
)
_RESULT = (
    "deals complete_deals coverage revenue_amount costs_amount profit_amount margin_rate overheads_amount "
    "ads_amount payroll_amount net_amount net_rate"
)
_WAGES = "salary_amount percent_amount event_amount returned_amount adjusted_amount amount"
_SUMMARY = "figure today yesterday week last_week month previous change plan attainment forecast needed note"
_SLIP = "month seq on_day deal_id name title base_amount rate amount reason state"
_REPORTED = "month title own_amount adjusted_amount amount current_amount state"

_LEADS: dict[str, str] = {
    "summary": _SUMMARY,
    "funnel_by_month": f"month {_FUNNEL}",
    "step_medians": "label leads median_days",
    "leads_by_day": "lead_on leads unprocessed",
    "leads_by_week": "week leads unprocessed",
    "leads_by_month": "month leads unprocessed",
    "funnel_by_product": f"month product {_FUNNEL}",
    "source_totals": f"source {_TOTALS}",
    "funnel_by_source": f"month source {_FUNNEL}",
}
_DEBTS: dict[str, str] = {
    "receivables_ageing": "bucket deals receivable_amount receivable_rate overdue_amount",
    "receivables": f"{_DEAL} manager {_DEBT} receivable_amount overdue_amount due_on overdue_days bucket",
    "client_debts": f"{_DEAL} manager {_DEBT} debt_amount reason",
    "payment_schedule": "bucket due_on payments expected_amount cumulative_amount",
    "payment_schedule_deals": f"{_PAYMENT} manager",
    "declared_payments": f"{_DECLARED} manager",
}
_QUALITY: dict[str, str] = {
    "data_gaps": "gap rows whole rate effect",
    "duplicates": "deal_id name survivor_id survivor_name merged_on evidence",
}

GRANTS: Mapping[str, Mapping[str, str]] = {
    "sales": {
        **_LEADS,
        **_DEBTS,
        **_QUALITY,
        "year_by_month": "month leads measures contracts net_amount plan_amount",
        "lost_reasons": "month reason losses losses_rate deals price_amount",
        "attention": f"what {_DEAL} manager days amount",
        "manager_totals": f"manager {_TOTALS}",
        "average_check_by_manager": f"month manager {_CHECKS}",
        "funnel_by_manager": f"month manager {_FUNNEL}",
        "turnover_by_month": f"month {_MOVEMENTS} average_amount won_amount received_amount",
        "turnover_by_manager": f"month manager {_MOVEMENTS} net_rate",
        "average_check_by_month": (
            "month contracts priced_contracts coverage average_amount median_amount low_amount high_amount "
            "large_contracts large_amount large_rate"
        ),
        "turnover_by_day": (
            "booked_on contracts signed_amount changed_amount cancelled_amount resumed_amount net_amount "
            "month_amount cumulative_amount"
        ),
        "plan_fact": _PLAN,
        "installation_shifts": f"{_SHIFTS} manager last_shift_by",
        "installation_shifts_by_month": "month manager shifts deals shifted_days",
        "discounts_by_manager": (
            "manager deals known_deals coverage contract_amount discount_amount discount_rate turnover_place"
        ),
        "discounts": f"{_DEAL} manager {_DISCOUNT}",
    },
    "accountant": {
        **_DEBTS,
        **_QUALITY,
        "summary": _SUMMARY,
        "year_by_month": "month net_amount plan_amount profit_amount result_amount",
        "weeks_ahead": "days expected_amount balance_amount",
        "turnover_by_month": f"month {_MOVEMENTS} average_amount won_amount received_amount",
        "profit_by_month": f"month {_PROFIT}",
        "turnover_bridge": (
            "month contract_amount not_acted_amount other_acts_amount act_amount not_paid_amount "
            "other_paid_amount advance_amount paid_amount open_deals open_amount"
        ),
        "cash_gap": (
            "on_day expected_amount overdue_amount careful_amount outflow_amount wages_amount "
            "optimistic_balance careful_balance state"
        ),
        "wages_due": "month accrued_amount typed_amount due_amount on_day",
        "receipts_by_month": (
            "month payments prepayment_amount payment_amount rest_amount refund_amount confirmed_amount "
            "declared_amount"
        ),
        "profit_by_deal": (
            f"{_DEAL} product manager contract_on contract_amount known_costs articles_known articles_total "
            "profit_amount margin_rate profit_limit status missing"
        ),
        "profit_by_product": f"product {_PROFIT}",
        "net_profit_by_month": f"month {_NET}",
        "net_profit_by_product": f"product {_NET}",
        "net_profit_by_deal": (
            f"{_DEAL} product manager contract_on contract_amount known_costs profit_amount overheads_amount "
            "commission_amount net_amount net_rate status"
        ),
        "profit_and_loss": f"month {_RESULT} year_amount",
        "profit_and_loss_by_year": f"year {_RESULT} change",
        "month_result": (
            "on_day deals complete_deals coverage profit_amount overheads_amount ads_amount payroll_amount "
            "result_amount state"
        ),
        "income_and_expense": "year direction article result_amount previous_amount change",
        "overhead_totals": "month amount key deals shared_amount undivided_amount",
        "overheads_by_article": "month direction article lines typed_amount repeated_amount amount",
        "costs_by_article": (
            "month article deals known_deals coverage planned_amount amount compared_deals difference change"
        ),
        "payroll_by_month": f"month people {_WAGES} state",
        "payroll": f"month manager {_WAGES} lines state",
        "payroll_lines": f"{_SLIP} manager",
        "reported_by_month": _REPORTED,
        "adjustments": (
            "month for_month title deal_id name manager reported_amount current_amount amount reason"
        ),
        "reported_by_manager": f"{_REPORTED} manager",
        "refused_inputs": "title row_number column_name value message seen_on",
    },
    "marketer": {
        **_LEADS,
        "year_by_month": "month leads measures contracts",
        "lost_reasons": "month reason losses losses_rate",
        "channel_profit": (
            "month source leads contracts net_amount profit_amount coverage spend_amount lead_cost contract_cost "
            "return_rate"
        ),
    },
    "manager": {
        "manager_totals": f"manager {_TOTALS}",
        "average_check_by_manager": f"month {_CHECKS}",
        "funnel_by_manager": f"month {_FUNNEL}",
        "turnover_by_manager": f"month {_MOVEMENTS}",
        "plan_fact": _PLAN,
        "receivables": f"{_DEAL} {_DEBT} receivable_amount overdue_amount due_on overdue_days bucket",
        "client_debts": f"{_DEAL} {_DEBT} debt_amount reason",
        "payment_schedule_deals": _PAYMENT,
        "installation_shifts": _SHIFTS,
        "installation_shifts_by_month": "month shifts deals shifted_days",
        "declared_payments": _DECLARED,
        "profit_by_deal": f"{_DEAL} product contract_on contract_amount missing",
        "discounts": f"{_DEAL} {_DISCOUNT}",
        "payroll": f"month {_WAGES} lines state",
        "payroll_lines": _SLIP,
    },
}
"""Audience → mart → its columns. Shares and places among all are not among the manager's: they tell of the others."""

_FLOW: Values = ("Заявки", "Замеры/КП", "Договоры", "Отказы", "Замеры/КП к заявкам", "Договоры к заявкам")
_TURNOVER: Values = (
    "Подписано",
    "Расторгнуто",
    "Изменено и восстановлено",
    "Чистый оборот",
    "Средний чек",
    "Получено денег",
)
_OWED: Values = ("Дебиторка сейчас", "Из неё просрочено", "Ожидается за 7 дней", "Ожидается за 30 дней")
_EARNED: Values = (
    "Валовая прибыль",
    "Маржа",
    "Результат месяца на сегодня",
    "Меньше всего денег на счетах",
    "Меньше всего денег, осторожно",
)
_GAPS: Values = ("Договоры без суммы", "Договоры без даты монтажа")
_PLANNED: Rows = ("code", ("turnover", "contracts", "receipts"))

ROWS: Mapping[str, Mapping[str, Rows]] = {
    "sales": {"summary": ("figure", (*_FLOW, *_TURNOVER, *_OWED, *_GAPS)), "plan_fact": _PLANNED},
    "accountant": {"summary": ("figure", (*_TURNOVER, *_OWED, *_EARNED, *_GAPS))},
    "marketer": {"summary": ("figure", _FLOW)},
    "manager": {"plan_fact": _PLANNED},
}
"""Audience → mart of figures of many kinds → which of them."""

OWN = "manager_id"
"""The column that tells whose a row is; a manager's book holds no row of which it does not say that it is his."""

MANAGER_TABS: Mapping[str, str] = {
    "managers": "Мои показатели",
    "turnover": "Мой оборот",
    "plan_fact": "Мой план",
    "receivables": "Мои должники",
    "payment_schedule": "Мои платежи",
    "cash": "Ждут подтверждения",
    "profit_by_deal": "Мои сделки",
    "discounts": "Мои скидки",
    "payroll": "Моя зарплата",
    "slips": "Мои расчётные листки",
}
MANAGER_TITLES: Mapping[str, str] = {
    "manager_totals": "Всего",
    "average_check_by_manager": "Средний чек по месяцам",
    "funnel_by_manager": "Воронка по месяцам",
    "turnover_by_manager": "Оборот по месяцам",
    "profit_by_deal": "Договоры",
}
"""What tabs and tables are called in a manager's book."""
