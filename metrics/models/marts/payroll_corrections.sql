-- Title:   Поправки к выданной зарплате
-- Meaning: Чем то, что по правилам причитается за закрытые месяцы сегодня, отличается от выданного; разница стоит в месяце,
--          следующем за последним закрытым.
-- Grain:   month, manager_id, for_month, deal_id, base, role
-- Date:    месяц, следующий за последним закрытым
-- Reads:   core.frozen_slips, core.period_locks, mart.payroll_accruals, mart.payroll_salaries
-- Columns:
--   month         | month  | Месяц
--   manager_id    | hidden | Номер менеджера
--   for_month     | month  | За месяц
--   deal_id       | deal   | Сделка
--   base          | hidden | Код основания
--   role          | hidden | Роль
--   handed_amount | money  | Выдано
--   due_amount    | money  | Причитается

with locks as (

    select month from core.period_locks where reopened_at is null

),

open_month as (

    select cast(max(month) + interval 1 month as date) as month from locks

),

amounts as (

    select for_month, manager_id, deal_id, base, role, amount as handed_amount, 0 as due_amount
    from core.frozen_slips
    where month in (from locks)
    union all
    select month_of(on_day), manager_id, deal_id, base, role, 0, amount
    from mart.payroll_accruals
    where month_of(on_day) in (from locks)
    union all
    select month, manager_id, null, 'fixed', '', 0, amount
    from mart.payroll_salaries
    where month in (from locks)

)

select
    open_month.month,
    amounts.manager_id,
    amounts.for_month,
    amounts.deal_id,
    amounts.base,
    amounts.role,
    money(sum(amounts.handed_amount)) as handed_amount,
    money(sum(amounts.due_amount)) as due_amount
from amounts
cross join open_month
group by all
having sum(amounts.handed_amount) <> sum(amounts.due_amount)
order by all
