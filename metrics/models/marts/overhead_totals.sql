-- Title:   Общие расходы по месяцам
-- Meaning: Общие расходы месяца — аренда, налоги, подписки, всё, что не относится к сделкам, — и сколько из них легло
--          на сделки по ключу, который выбран в настройках; месяц, в котором делить не на кого, не распределён.
-- Grain:   month
-- Date:    месяц расхода
-- Reads:   mart.counted_overheads, mart.overhead_shares
-- Equals:  amount = mart.overheads_by_article.amount by month
-- Total:   amount, shared_amount, undivided_amount
-- Coverage: распределено = shared_amount / amount
-- Columns:
--   month              | month   | Месяц
--   amount             | money   | Общие расходы
--   key                | text    | Ключ распределения
--   deals              | integer | Сделок
--   shared_amount      | money   | Распределено
--   undivided_amount   | money   | Не распределено
-- Drill:
--   from mart.counted_overheads as overheads
--   month  = overheads.month
--   amount = sum(overheads.amount)
--   from mart.overhead_shares as shares
--   month            = shares.month
--   deals            = count(shares.deal_id)
--   shared_amount    = sum(shares.amount) filter (shares.deal_id is not null)
--   undivided_amount = sum(shares.amount) filter (shares.deal_id is null)

with shares as (

    select
        month,
        count(deal_id) as deals,
        sum(amount) filter (deal_id is not null) as shared_amount,
        sum(amount) filter (deal_id is null) as undivided_amount
    from mart.overhead_shares
    group by month

),

totals as (

    select month, sum(amount) as amount
    from mart.counted_overheads
    group by month

)

select
    totals.month,
    money(totals.amount) as amount,
    overhead_key_label(getvariable('overhead_key')) as key,
    coalesce(shares.deals, 0) as deals,
    money(coalesce(shares.shared_amount, 0)) as shared_amount,
    money(coalesce(shares.undivided_amount, 0)) as undivided_amount
from totals
left join shares on totals.month = shares.month
order by totals.month
