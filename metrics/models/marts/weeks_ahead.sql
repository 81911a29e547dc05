-- Title:   Деньги по неделям вперёд
-- Meaning: Сколько платежей ждём на этой неделе с сегодняшнего дня и в каждую из восьми следующих, и сколько денег будет на
--          счетах в самый тяжёлый день недели, если считать осторожно; просроченное в ожидаемое не входит.
-- Grain:   week
-- Date:    дата платежа; счёт — его срок; остаток — дата монтажа
-- Reads:   mart.cash_gap, mart.payment_schedule_deals
-- Total:   expected_amount
-- Columns:
--   week            | hidden | Понедельник
--   days            | text   | Неделя
--   expected_amount | money  | Ожидается
--   balance_amount  | money  | Меньше всего на счетах, осторожно
-- Drill:
--   from mart.payment_schedule_deals as payments
--   where payments.due_on >= getvariable('today') and week_of(payments.due_on) <= week_of(getvariable('today')) + 56
--   week            = week_of(payments.due_on)
--   expected_amount = sum(payments.expected_amount)
--   from mart.cash_gap as days where week_of(days.on_day) <= week_of(getvariable('today')) + 56
--   week           = week_of(days.on_day)
--   balance_amount = min(days.careful_balance)

with weeks as (

    select week_of(getvariable('today')) + 7 * cast(unnest(range(9)) as integer) as week

),

expected as (

    select week_of(due_on) as week, sum(expected_amount) as amount
    from mart.payment_schedule_deals
    where due_on >= getvariable('today')
    group by all

),

balances as (

    select week_of(on_day) as week, min(careful_balance) as amount
    from mart.cash_gap
    group by all

)

select
    weeks.week,
    strftime(weeks.week, '%d.%m') || '–' || strftime(weeks.week + 6, '%d.%m') as days,
    money(coalesce(expected.amount, 0)) as expected_amount,
    money(balances.amount) as balance_amount
from weeks
left join expected on weeks.week = expected.week
left join balances on weeks.week = balances.week
order by weeks.week
