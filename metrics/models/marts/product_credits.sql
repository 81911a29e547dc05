-- Title:   Прибыль сделок по продуктам
-- Meaning: Прибыль каждой сделки на том, что в ней продано: по суммам товаров, привязанных к сделке, до копейки; у сделки
--          без товаров с ценой — на продукте, записанном в её поле.
-- Grain:   deal_id, product
-- Date:    дата договора
-- Reads:   core.products, mart.net_profit_by_deal
-- Refresh: deal_id
-- Equals:  profit_amount = mart.profit_by_deal.profit_amount by deal_id
--          net_amount = mart.net_profit_by_deal.net_amount by deal_id
--          overheads_amount = mart.net_profit_by_deal.overheads_amount by deal_id
-- Columns:
--   deal_id           | deal   | Сделка
--   product           | text   | Продукт
--   is_complete       | hidden | Прибыль известна
--   contract_amount   | money  | Сумма договора
--   known_costs       | money  | Известные расходы
--   profit_amount     | money  | Валовая прибыль
--   overheads_amount  | money  | Доля общих расходов
--   commission_amount | money  | Зарплата за сделку
--   net_amount        | money  | Чистая прибыль

with sold as (

    select
        deal_id,
        filled(name) as product,
        kopecks(sum(amount)) as weight
    from core.products
    where amount > 0 and not is_deleted
    group by all

),

figures as (

    select
        deal_id,
        unnest(['contract', 'costs', 'overheads', 'commission']) as figure,
        unnest([contract_amount, known_costs, overheads_amount, commission_amount]) as amount
    from mart.net_profit_by_deal
    where deal_id in (select deal_id from sold)

),

baskets as (

    select
        {'deal_id': figures.deal_id, 'figure': figures.figure} as basket,
        sold.product as line,
        sold.weight,
        figures.amount
    from figures
    inner join sold on figures.deal_id = sold.deal_id
    where figures.amount is not null

),

parts as (

    select
        basket.deal_id as deal_id,
        line as product,
        any_value(share) filter (basket.figure = 'contract') as contract_amount,
        any_value(share) filter (basket.figure = 'costs') as known_costs,
        coalesce(any_value(share) filter (basket.figure = 'overheads'), 0) as overheads_amount,
        coalesce(any_value(share) filter (basket.figure = 'commission'), 0) as commission_amount
    from divided('baskets')
    group by all

),

credited as (

    select
        deal_id,
        product,
        is_complete,
        contract_amount,
        known_costs,
        overheads_amount,
        commission_amount
    from mart.net_profit_by_deal
    where deal_id not in (select deal_id from sold)
    union all by name
    select parts.*, deals.is_complete
    from parts
    inner join mart.net_profit_by_deal as deals on parts.deal_id = deals.deal_id

)

select
    deal_id,
    product,
    is_complete,
    contract_amount,
    known_costs,
    if(is_complete, money(contract_amount - known_costs), null) as profit_amount,
    overheads_amount,
    commission_amount,
    if(
        is_complete, money(contract_amount - known_costs - overheads_amount - commission_amount), null
    ) as net_amount
from credited
order by deal_id, product
