-- Title:   Общие расходы по сделкам
-- Meaning: Общие расходы месяца, разделённые до копейки между договорами месяца по ключу из настроек: по обороту, по
--          валовой прибыли, поровну или по дням в работе; остаток копеек — на самую крупную долю. Что делить не на
--          кого, стоит строкой без сделки. Записанная в них зарплата делится, только если её не начислили здесь.
-- Grain:   month, deal_id
-- Date:    месяц расхода
-- Reads:   mart.counted_overheads, mart.overhead_weights
-- Equals:  amount = mart.overhead_totals.amount by month
-- Columns:
--   month   | month | Месяц
--   deal_id | deal  | Сделка
--   amount  | money | Доля общих расходов

with totals as (

    select month, sum(amount) as amount
    from mart.counted_overheads
    group by month

),

baskets as (

    select
        weights.month as basket,
        weights.deal_id as line,
        weights.weight,
        totals.amount
    from mart.overhead_weights as weights
    inner join totals on weights.month = totals.month

),

shares as (

    select basket as month, line as deal_id, share as amount
    from divided('baskets')
    where share is not null

)

select month, deal_id, amount
from shares
union all
select totals.month, null as deal_id, money(totals.amount) as amount
from totals
where totals.month not in (select month from shares)
order by month, deal_id
