-- Title:   Выполнение планов для ступеней оплаты
-- Meaning: Действующий план менеджера на месяц и факт к нему — по той величине, от которой платят; где для неё плана
--          нет, по обороту. Платят за весь месяц, поэтому и факт здесь — весь, с договорами, внесёнными вперёд.
-- Grain:   month, manager_id, base
-- Date:    дата договора; для поступлений — дата платежа
-- Reads:   core.pay_rules, mart.plan_fact
-- Columns:
--   month       | month  | Месяц
--   manager_id  | hidden | Номер менеджера
--   base        | hidden | Код основания
--   measure     | hidden | Величина плана
--   plan_amount | money  | План
--   fact_amount | money  | Факт

with preferred (base, measure) as (

    values ('contract', 'turnover'), ('closed_act', 'turnover'), ('paid', 'receipts'),
        ('gross_profit', 'gross_profit'), ('net_profit', 'gross_profit')

)

select
    plans.month,
    plans.manager_id,
    preferred.base,
    plans.code as measure,
    money(plans.current_plan) as plan_amount,
    money(coalesce(plans.fact, 0) + coalesce(plans.ahead, 0)) as fact_amount
from mart.plan_fact as plans
inner join preferred on plans.code in (preferred.measure, 'turnover')
where plans.manager_id is not null
    and plans.current_plan > 0
    and exists (from core.pay_rules where tier_from > 0)
qualify
    row_number() over (
        partition by plans.month, plans.manager_id, preferred.base order by plans.code = preferred.measure desc
    ) = 1
order by plans.month, plans.manager_id, preferred.base
