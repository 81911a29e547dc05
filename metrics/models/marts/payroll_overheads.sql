-- Title:   Общие расходы в базе зарплаты
-- Meaning: Сколько общих расходов вычитается из прибыли сделки, прежде чем платить с неё процент: то же деление, но без
--          статей зарплаты — от того, что зарплату записали, она сама не меняется. Без правила «процент от прибыли» пусто.
-- Grain:   month, deal_id
-- Date:    месяц расхода
-- Reads:   core.overheads, core.pay_rules, mart.overhead_weights
-- Columns:
--   month   | month | Месяц
--   deal_id | deal  | Сделка
--   amount  | money | Доля общих расходов

with totals as (

    select month, sum(amount) as amount
    from core.overheads
    where not is_wages(article) and exists (from core.pay_rules where base = 'net_profit')
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

)

select basket as month, line as deal_id, share as amount
from divided('baskets')
where share is not null
order by month, deal_id
