-- Title:   Чистая прибыль сделок по менеджерам
-- Meaning: Чистая прибыль каждой сделки на том, кому она принадлежит: ответственному в момент договора или, если в сделке
--          записаны доли, каждому по его доле прибыли, общих расходов и зарплаты, до копейки.
-- Grain:   deal_id, manager_id
-- Date:    дата договора
-- Reads:   mart.net_profit_by_deal, mart.profit_credits
-- Refresh: deal_id
-- Equals:  net_amount = mart.net_profit_by_deal.net_amount by deal_id
--          overheads_amount = mart.net_profit_by_deal.overheads_amount by deal_id
-- Columns:
--   deal_id           | deal   | Сделка
--   manager_id        | hidden | Номер менеджера
--   contract_on       | date   | Дата договора
--   is_main           | hidden | Сделка считается на этом менеджере
--   is_complete       | hidden | Прибыль известна
--   contract_amount   | money  | Сумма договора
--   profit_amount     | money  | Валовая прибыль
--   overheads_amount  | money  | Доля общих расходов
--   commission_amount | money  | Зарплата за сделку
--   net_amount        | money  | Чистая прибыль

with overheads as (

    select
        credits.deal_id as basket,
        credits.manager_id as line,
        credits.weight,
        profits.overheads_amount as amount
    from mart.profit_credits as credits
    inner join mart.net_profit_by_deal as profits on credits.deal_id = profits.deal_id
    where credits.weight < 1000000 and profits.overheads_amount <> 0

),

commissions as (

    select
        credits.deal_id as basket,
        credits.manager_id as line,
        credits.weight,
        profits.commission_amount as amount
    from mart.profit_credits as credits
    inner join mart.net_profit_by_deal as profits on credits.deal_id = profits.deal_id
    where credits.weight < 1000000 and profits.commission_amount <> 0

),

gross as (

    select
        credits.*,
        coalesce(
            if(credits.weight = 1000000, profits.overheads_amount, overhead_parts.share), 0
        ) as overheads_amount,
        coalesce(
            if(credits.weight = 1000000, profits.commission_amount, commission_parts.share), 0
        ) as commission_amount
    from mart.profit_credits as credits
    inner join mart.net_profit_by_deal as profits on credits.deal_id = profits.deal_id
    left join divided('overheads') as overhead_parts
        on credits.deal_id = overhead_parts.basket and credits.manager_id = overhead_parts.line
    left join divided('commissions') as commission_parts
        on credits.deal_id = commission_parts.basket and credits.manager_id = commission_parts.line

)

select
    deal_id,
    manager_id,
    contract_on,
    is_main,
    is_complete,
    contract_amount,
    profit_amount,
    money(overheads_amount) as overheads_amount,
    money(commission_amount) as commission_amount,
    money(profit_amount - overheads_amount - commission_amount) as net_amount
from gross
order by deal_id, manager_id
