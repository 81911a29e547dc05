-- Title:   Прибыль сделок по менеджерам
-- Meaning: Прибыль каждой сделки на том, кому она принадлежит: ответственному в момент договора или, если в сделке
--          записаны доли, каждому по его доле, до копейки.
-- Grain:   deal_id, manager_id
-- Date:    дата договора
-- Reads:   mart.deal_credits, mart.profit_by_deal
-- Refresh: deal_id
-- Equals:  profit_amount = mart.profit_by_deal.profit_amount by deal_id
--          contract_amount = mart.profit_by_deal.contract_amount by deal_id
-- Columns:
--   deal_id         | deal   | Сделка
--   manager_id      | hidden | Номер менеджера
--   contract_on     | date   | Дата договора
--   weight          | hidden | Доля в миллионных
--   is_main         | hidden | Сделка считается на этом менеджере
--   is_complete     | hidden | Прибыль известна
--   contract_amount | money  | Сумма договора
--   known_costs     | money  | Известные расходы
--   profit_amount   | money  | Валовая прибыль
-- Drill:
--   from mart.profit_by_deal as deals
--   deal_id         = deals.deal_id
--   contract_amount = sum(deals.contract_amount)
--   profit_amount   = sum(deals.profit_amount)

with shared as (

    select
        profits.deal_id,
        profits.contract_on,
        profits.is_complete,
        profits.contract_amount,
        profits.known_costs,
        credits.manager_id,
        credits.weight,
        credits.is_main
    from mart.profit_by_deal as profits
    inner join mart.deal_credits as credits on profits.deal_id = credits.deal_id

),

contracts as (

    select deal_id as basket, manager_id as line, weight, contract_amount as amount
    from shared

),

costs as (

    select deal_id as basket, manager_id as line, weight, known_costs as amount
    from shared

)

select
    deal_id,
    manager_id,
    contract_on,
    cast(1000000 as bigint) as weight,
    true as is_main,
    is_complete,
    contract_amount,
    known_costs,
    profit_amount
from mart.profit_by_deal
where deal_id not in (select deal_id from mart.deal_credits)
union all
select
    shared.deal_id,
    shared.manager_id,
    shared.contract_on,
    shared.weight,
    shared.is_main,
    shared.is_complete,
    contract_parts.share as contract_amount,
    cost_parts.share as known_costs,
    if(shared.is_complete, money(contract_parts.share - cost_parts.share), null) as profit_amount
from shared
inner join divided('contracts') as contract_parts
    on shared.deal_id = contract_parts.basket and shared.manager_id = contract_parts.line
inner join divided('costs') as cost_parts
    on shared.deal_id = cost_parts.basket and shared.manager_id = cost_parts.line
order by deal_id, manager_id
