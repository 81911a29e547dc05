-- Title:   График платежей
-- Meaning: Сколько денег ждём и когда: просроченное одной строкой, дальше по дням, в конце — без даты;
--          нарастающий итог складывает только дни, потому что на просроченное рассчитывать нельзя.
-- Grain:   due_on, bucket
-- Date:    дата платежа; счёт — его срок; остаток — дата монтажа
-- Reads:   mart.payment_schedule_deals
-- Equals:  expected_amount = mart.payment_schedule_deals.expected_amount by bucket
--          payments = mart.payment_schedule_deals.rows by bucket
-- Total:   payments, expected_amount
-- Coverage: срок известен = payments where bucket <> 'без даты' / payments
-- Columns:
--   position          | hidden  | Порядок
--   bucket            | text    | Состояние
--   due_on            | date    | Дата
--   payments          | integer | Платежи
--   expected_amount   | money   | Сумма
--   cumulative_amount | money   | Нарастающим итогом
-- Drill:
--   from mart.payment_schedule_deals as payments
--   due_on          = if(payments.bucket = 'ожидается', payments.due_on, null)
--   bucket          = payments.bucket
--   payments        = count(*)
--   expected_amount = sum(payments.expected_amount)

with days as (

    select
        case bucket when 'просрочено' then 1 when 'ожидается' then 2 else 3 end as position,
        bucket,
        if(bucket = 'ожидается', due_on, null) as due_on,
        count(*) as payments,
        money(sum(expected_amount)) as expected_amount
    from mart.payment_schedule_deals
    group by all

)

select
    position,
    bucket,
    due_on,
    payments,
    expected_amount,
    if(
        bucket = 'ожидается',
        money(sum(expected_amount) over (partition by position order by due_on)),
        null
    ) as cumulative_amount
from days
order by position, due_on
