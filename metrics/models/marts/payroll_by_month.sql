-- Title:   Зарплата по месяцам
-- Meaning: Фонд месяца: сумма всех расчётных листков до копейки.
-- Grain:   month
-- Date:    дата события; поправка — месяц, следующий за последним закрытым
-- Reads:   mart.payroll
-- Equals:  amount = mart.payroll_lines.amount by month
-- Total:   salary_amount, percent_amount, event_amount, returned_amount, adjusted_amount, amount
-- Columns:
--   month           | month   | Месяц
--   people          | integer | Людей
--   salary_amount   | money   | Оклады
--   percent_amount  | money   | Проценты
--   event_amount    | money   | Замеры и монтажи
--   returned_amount | money   | Возвраты
--   adjusted_amount | money   | Поправки
--   amount          | money   | Всего
--   state           | text    | Состояние
-- Drill:
--   from mart.payroll as people
--   month           = people.month
--   people          = count(*)
--   salary_amount   = sum(people.salary_amount)
--   percent_amount  = sum(people.percent_amount)
--   event_amount    = sum(people.event_amount)
--   returned_amount = sum(people.returned_amount)
--   adjusted_amount = sum(people.adjusted_amount)
--   amount          = sum(people.amount)

select
    month,
    count(*) as people,
    money(sum(salary_amount)) as salary_amount,
    money(sum(percent_amount)) as percent_amount,
    money(sum(event_amount)) as event_amount,
    money(sum(returned_amount)) as returned_amount,
    money(sum(adjusted_amount)) as adjusted_amount,
    money(sum(amount)) as amount,
    any_value(state) as state
from mart.payroll
group by month
order by month
