-- Title:   Дебиторка по срокам
-- Meaning: Долги клиентов, разложенные по числу дней после срока оплаты (срок счёта, без него дата монтажа): вся сделка — по
--          самому раннему неоплаченному сроку; сумма строк равна всей дебиторской задолженности.
-- Grain:   bucket
-- Date:    на сегодня, срок — по счёту, без него дата монтажа
-- Reads:   mart.receivables
-- Equals:  receivable_amount = mart.receivables.receivable_amount by bucket
--          overdue_amount = mart.receivables.overdue_amount by bucket
--          deals = mart.receivables.rows by bucket
-- Total:   deals, receivable_amount, overdue_amount
-- Coverage: срок известен = deals where bucket <> 'без даты' / deals
-- Columns:
--   position          | hidden  | Порядок
--   bucket            | text    | Просрочка, дней
--   deals             | integer | Сделки
--   receivable_amount | money   | Долг клиентов
--   receivable_rate   | percent | Доля
--   overdue_amount    | money   | Из него просрочено
-- Drill:
--   from mart.receivables as receivables
--   bucket            = receivables.bucket
--   deals             = count(*)
--   receivable_amount = sum(receivables.receivable_amount)
--   overdue_amount    = sum(receivables.overdue_amount)

with buckets as (

    select
        generate_subscripts(ageing_buckets(), 1) as position,
        unnest(ageing_buckets()) as bucket

)

select
    buckets.position,
    buckets.bucket,
    count(receivables.deal_id) as deals,
    money(coalesce(sum(receivables.receivable_amount), 0)) as receivable_amount,
    share(
        coalesce(sum(receivables.receivable_amount), 0),
        sum(sum(receivables.receivable_amount)) over ()
    ) as receivable_rate,
    money(coalesce(sum(receivables.overdue_amount), 0)) as overdue_amount
from buckets
left join mart.receivables as receivables on buckets.bucket = receivables.bucket
group by buckets.position, buckets.bucket
order by buckets.position
