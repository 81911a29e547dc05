"""Which deals meet which edge case, and in which figure that shows.

The figures of single deals stand for all: each total is the sum of one of them (see `Equals` in the marts' headers).
Leads and steps have no figure by deal; which deals they count is written above each table:

    E8, E9, E20  17, 18, 20, 33, 34 are no leads: leads_by_day, funnels
    E10, E11     22 and 25 pass the measurement, 23 is measured once: funnels, step_medians, potential_profit
    E2           5 and 7 are refusals and returns: funnels, lost_reasons; 4 is not won: turnover_by_month
    E12, E13     24 within a second, 25 on 1 May: leads_by_day, funnels, turnover_by_day
    E15          the plan of May in two versions: plan_fact
    E16          Вера's past: funnel_by_manager, turnover_by_manager, payroll
    E13, E16     27 put off on 1 May by Moscow's clocks, 28 by Вера: installation_shifts_by_month
    E17          29 without source and product, 38 without either: funnel_by_source, funnel_by_product, data_gaps
    E18          31 and 32: funnels, turnover_by_month, leads_by_day
"""

from collections.abc import Mapping, Sequence

EDGES: Mapping[str, Sequence[int]] = {
    "E1": (2, 3), "E2": (4, 5, 7), "E3": (8, 9), "E4": (10, 12, 1), "E5": (13,), "E6": (14, 8), "E7": (15, 16),
    "E8": (17, 18), "E9": (20, 21), "E10": (22, 25), "E11": (23, 4), "E12": (24,), "E13": (25,), "E14": (26,),
    "E15": (27, 2), "E16": (28, 5, 17), "E17": (29, 9, 6, 36, 38), "E18": (31, 32), "E19": (19,), "E20": (33, 34),
}  # fmt: skip

TURNOVER, ACTS, BALANCES, DEBTS = "turnover_credits", "act_entries", "deal_balances", "receivables"
OWED, DECLARED, SCHEDULE, PROFIT = (
    "client_debts",
    "declared_payments",
    "payment_schedule_deals",
    "profit_by_deal",
)
OVERHEADS, NET, SLIPS, CHANGES = "overhead_shares", "net_profit_by_deal", "payroll_lines", "adjustments"
DISCOUNTS, CREDITS, SHARES, TWICE = "discounts", "profit_credits", "deal_credits", "duplicates"

Shown = Sequence[tuple[str, Sequence[int], Sequence[int]]]
"""A table, the deals that stand in it, and those that must not."""

TOUCHES: Mapping[str, Shown] = {
    "E1": [(TURNOVER, (2, 3), ()), (BALANCES, (2, 3), ()), (DEBTS, (3,), (2,)), (SCHEDULE, (3,), (2,)),
           (PROFIT, (2, 3), ()), (NET, (2, 3), ()), (SLIPS, (2,), ()), (CHANGES, (2,), ()), (ACTS, (2,), ())],
    "E2": [(TURNOVER, (4, 5, 7), ()), (ACTS, (5,), (4, 7)), (BALANCES, (4, 5, 7), ()), (DEBTS, (7,), (4, 5)),
           (PROFIT, (4, 5, 7), ()), (OVERHEADS, (4, 5, 7), ()), (NET, (4, 5, 7), ()), (SLIPS, (4, 5, 7), ()),
           (CHANGES, (7,), ()), (OWED, (), (7,))],
    "E3": [(BALANCES, (8, 9), ()), (DEBTS, (9,), (8,)), (OWED, (8,), (9,)), (DECLARED, (9,), (8,)),
           (SCHEDULE, (9,), (8,)), (SLIPS, (9,), ())],
    "E4": [(DISCOUNTS, (1, 10, 12, 2), ()), (TURNOVER, (10, 12), ()), (PROFIT, (10, 12), ()), (SLIPS, (10, 12), ())],
    "E5": [(TURNOVER, (13,), ()), (PROFIT, (13,), ()), (NET, (13,), ()), (SLIPS, (13,), ())],
    "E6": [(SHARES, (14,), (8,)), (TURNOVER, (14,), ()), (CREDITS, (14,), ()), (SLIPS, (8, 14), ()), (NET, (14,), ())],
    "E7": [(TURNOVER, (15, 16), ()), (BALANCES, (15, 16), ()), (DEBTS, (15,), (16,)), (DECLARED, (16,), ()),
           (PROFIT, (15, 16), ()), (OVERHEADS, (15,), ()), (SLIPS, (15,), ()), (SCHEDULE, (15,), (16,))],
    "E8": [(TURNOVER, (17,), (18,)), (BALANCES, (17,), (18,)), (OWED, (17,), ()), (DEBTS, (), (17,)),
           (PROFIT, (), (17,)), (OVERHEADS, (), (17,)), (SLIPS, (17,), ()), (SCHEDULE, (), (17,))],
    "E9": [(TWICE, (20,), (21,)), (TURNOVER, (21,), (20,)), (BALANCES, (21,), (20,)), (DEBTS, (21,), (20,)),
           (OWED, (), (20,)), (PROFIT, (21,), (20,)), (SLIPS, (21,), (20,)), (SCHEDULE, (21,), (20,))],
    "E10": [(TURNOVER, (22, 25), ()), (SLIPS, (22, 25), ()), (PROFIT, (22, 25), ())],
    "E11": [(TURNOVER, (4,), (23,)), (ACTS, (), (4, 23)), (SLIPS, (4,), (23,))],
    "E12": [(TURNOVER, (24,), ()), (SLIPS, (24,), ()), (PROFIT, (24,), ())],
    "E13": [(TURNOVER, (25,), ()), (OVERHEADS, (25,), ()), (SLIPS, (25,), ()), (PROFIT, (25,), ())],
    "E14": [(TURNOVER, (26,), ()), (ACTS, (26,), ()), (OVERHEADS, (26,), ()), (SLIPS, (26,), ())],
    "E15": [(TURNOVER, (27, 2), ()), (DEBTS, (27,), ()), (PROFIT, (27, 2), ()), (SLIPS, (27,), ()),
            (CHANGES, (27, 2), ())],
    "E16": [(TURNOVER, (5, 17, 28), ()), (DEBTS, (28,), ()), (PROFIT, (5, 28), ()), (SLIPS, (5, 17, 28), ()),
            (NET, (5, 28), ())],
    "E17": [(TURNOVER, (29, 9), ()), (PROFIT, (29, 9), (6,)), (NET, (29, 9), ()), (DEBTS, (9,), (29,)),
            (DISCOUNTS, (29,), ()), (SLIPS, (29,), ())],
    "E18": [(TURNOVER, (31,), (32,)), (BALANCES, (31,), (32,)), (PROFIT, (31,), (32,)), (SLIPS, (31,), ()),
            (CHANGES, (31,), ())],
    "E19": [(TURNOVER, (19,), ()), (BALANCES, (19,), ()), (OWED, (), (19,)), (PROFIT, (19,), ()),
            (OVERHEADS, (19,), ()), (SLIPS, (19,), ()), (CHANGES, (19,), ())],
    "E20": [(name, (), (33, 34)) for name in (
        TURNOVER, ACTS, BALANCES, DEBTS, OWED, DECLARED, SCHEDULE, PROFIT, OVERHEADS, NET, SLIPS, CHANGES, DISCOUNTS)],
}  # fmt: skip
