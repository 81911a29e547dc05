-- Title:   Накопленная база ступеней
-- Meaning: На какой высоте месячной базы человека лежит каждое движение, если ступени платят каждая за свою часть; для
--          остальных правил пусто.
-- Grain:   base, role, deal_id, seq, manager_id
-- Date:    дата события
-- Reads:   core.pay_rules, mart.payroll_credits
-- Columns:
--   base         | hidden  | Код основания
--   role         | hidden  | Роль
--   deal_id      | deal    | Сделка
--   seq          | integer | Номер
--   manager_id   | hidden  | Номер менеджера
--   until_amount | money   | База с начала месяца

select
    base,
    role,
    deal_id,
    seq,
    manager_id,
    money(
        sum(greatest(amount, 0)) over (
            partition by base, role, manager_id, month_of(on_day)
            order by on_day, deal_id, seq
            rows between unbounded preceding and current row
        )
    ) as until_amount
from mart.payroll_credits
where kind = 'accrued' and (base, role) in (select (base, role) from core.pay_rules where scale = 'marginal')
order by base, role, deal_id, seq, manager_id
