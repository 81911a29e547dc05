-- Title:   Закрытые месяцы по текущим данным
-- Meaning: Что по сегодняшним данным приходится на каждую сделку закрытого месяца: оборот, полученные деньги, валовая и чистая
--          прибыль; с этим сравнивают то, что было сдано.
-- Grain:   month, figure, deal_id, manager_id
-- Date:    оборот — дата движения, деньги — дата платежа, прибыль — дата договора
-- Reads:   core.deals, core.period_locks, mart.net_profit_credits, mart.profit_credits, mart.receipt_parts,
--          mart.turnover_credits
-- Columns:
--   month      | month  | Месяц
--   figure     | hidden | Код показателя
--   deal_id    | deal   | Сделка
--   manager_id | hidden | Номер менеджера
--   amount     | money  | Сумма

with locks as (

    select month from core.period_locks where reopened_at is null

),

amounts as (

    select 'turnover' as figure, month_of(booked_on) as month, deal_id, manager_id, amount
    from mart.turnover_credits
    where exists (from locks)
    union all
    select 'received', parts.month, parts.deal_id, if(deals.contract_manager_id is null, null, parts.manager_id), parts.amount
    from mart.receipt_parts as parts
    inner join core.deals as deals on parts.deal_id = deals.deal_id
    where exists (from locks)
    union all
    select 'gross_profit', month_of(contract_on), deal_id, manager_id, profit_amount
    from mart.profit_credits
    where profit_amount is not null and exists (from locks)
    union all
    select 'net_profit', month_of(contract_on), deal_id, manager_id, net_amount
    from mart.net_profit_credits
    where net_amount is not null and exists (from locks)

)

select
    month,
    figure,
    deal_id,
    manager_id,
    money(sum(amount)) as amount
from amounts
where month in (from locks)
group by month, figure, deal_id, manager_id
having sum(amount) <> 0
order by month, figure, deal_id, manager_id
