-- Title:   Зарплата
-- Meaning: Сколько причитается каждому за месяц: сумма строк его расчётного листка до копейки — оклад, проценты, выплаты за
--          замеры и монтажи, возвраты по расторгнутым договорам и возвращённым деньгам, поправки за закрытые месяцы.
-- Grain:   month, manager_id
-- Date:    дата события; поправка — месяц, следующий за последним закрытым
-- Reads:   mart.payroll_lines
-- Equals:  amount = mart.payroll_lines.amount by month, manager_id
-- Total:   salary_amount, percent_amount, event_amount, returned_amount, adjusted_amount, amount, lines
-- Columns:
--   month           | month   | Месяц
--   manager_id      | hidden  | Номер менеджера
--   manager         | text    | Менеджер
--   salary_amount   | money   | Оклад
--   percent_amount  | money   | Проценты
--   event_amount    | money   | Замеры и монтажи
--   returned_amount | money   | Возвраты
--   adjusted_amount | money   | Поправки
--   amount          | money   | Всего
--   lines           | integer | Строк в листке
--   state           | text    | Состояние
-- Drill:
--   from mart.payroll_lines as lines
--   month           = lines.month
--   manager_id      = lines.manager_id
--   salary_amount   = sum(lines.amount) filter (lines.base = 'fixed' and lines.kind = 'accrued')
--   returned_amount = sum(lines.amount) filter (lines.kind in ('cancelled', 'refund'))
--   adjusted_amount = sum(lines.amount) filter (lines.kind = 'adjusted')
--   amount          = sum(lines.amount)
--   lines           = count(*)

with sorted as (

    select
        *,
        case
            when kind = 'adjusted' then 'adjusted'
            when kind in ('cancelled', 'refund') then 'returned'
            when base = 'fixed' then 'salary'
            when base in ('measurement', 'installation') then 'event'
            else 'percent'
        end as part
    from mart.payroll_lines

)

select
    month,
    manager_id,
    any_value(manager) as manager,
    money(coalesce(sum(amount) filter (part = 'salary'), 0)) as salary_amount,
    money(coalesce(sum(amount) filter (part = 'percent'), 0)) as percent_amount,
    money(coalesce(sum(amount) filter (part = 'event'), 0)) as event_amount,
    money(coalesce(sum(amount) filter (part = 'returned'), 0)) as returned_amount,
    money(coalesce(sum(amount) filter (part = 'adjusted'), 0)) as adjusted_amount,
    money(sum(amount)) as amount,
    count(*) as lines,
    any_value(state) as state
from sorted
group by month, manager_id
order by month, manager_id
