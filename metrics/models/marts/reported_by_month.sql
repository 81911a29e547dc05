-- Title:   Сдано по месяцам
-- Meaning: Месяцы такими, какими их сдали: у закрытого месяца — закреплённые суммы, у открытого — текущие и поправки за закрытые;
--          рядом то же по сегодняшним данным. Пусто, пока ни один месяц не закрыт.
--          «Чистая прибыль сделок» — без рекламы, оклада и общих расходов прочих сделок, поэтому это не чистая прибыль листа
--          «Прибыли и убытки».
-- Grain:   month, figure
-- Date:    оборот — дата движения, деньги — дата платежа, прибыль — дата договора
-- Reads:   mart.reported_by_manager
-- Equals:  amount = mart.reported_by_manager.amount by month, figure
-- Columns:
--   month           | month  | Месяц
--   figure          | hidden | Код показателя
--   title           | text   | Показатель
--   own_amount      | money  | Свои сделки
--   adjusted_amount | money  | Поправки за закрытые
--   amount          | money  | Сдано
--   current_amount  | money  | По текущим данным
--   state           | text   | Состояние
-- Drill:
--   from mart.reported_by_manager as people
--   month           = people.month
--   figure          = people.figure
--   own_amount      = sum(people.own_amount)
--   adjusted_amount = sum(people.adjusted_amount)
--   amount          = sum(people.amount)
--   current_amount  = sum(people.current_amount)

select
    month,
    figure,
    title,
    money(sum(own_amount)) as own_amount,
    money(sum(adjusted_amount)) as adjusted_amount,
    money(sum(amount)) as amount,
    money(sum(current_amount)) as current_amount,
    any_value(state) as state
from mart.reported_by_manager
group by month, figure, title
order by month, figure
