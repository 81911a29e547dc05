-- Title:   Цена скидок по менеджерам
-- Meaning: Кто сколько продал, какой ценой и с каким заработком, за всё время: место по обороту рядом с местом по валовой
--          прибыли показывает, кто продаёт много, отдавая прибыль скидками. Скидка — только по сделкам, где известна
--          сумма по прайсу, прибыль — где заполнены все расходы.
-- Grain:   manager_id
-- Date:    за всё время
-- Reads:   core.users, mart.deal_credits, mart.discounts, mart.profit_credits
-- Equals:  discount_amount = mart.discounts.discount_amount
--          contract_amount = mart.profit_credits.contract_amount by manager_id
-- Total:   deals, known_deals, contract_amount, discount_amount, profit_amount
--          discount_rate = discount_amount / mart.discounts.list_amount where discount_amount is not null
--          margin_rate = profit_amount / mart.profit_by_deal.contract_amount where profit_amount is not null
-- Coverage: скидка известна = known_deals / deals
-- Columns:
--   manager_id      | hidden  | Номер менеджера
--   manager         | text    | Менеджер
--   deals           | integer | Договоры
--   known_deals     | integer | Скидка известна
--   coverage        | text    | Полнота скидок
--   contract_amount | money   | Сумма договоров
--   discount_amount | money   | Скидки
--   discount_rate   | percent | Скидка, %
--   profit_amount   | money   | Валовая прибыль
--   profit_coverage | text    | Полнота прибыли
--   margin_rate     | percent | Маржа
--   turnover_place  | integer | Место по обороту
--   profit_place    | integer | Место по прибыли
--   places_lost     | integer | Потеряно мест
-- Drill:
--   from mart.profit_credits as deals
--   manager_id      = deals.manager_id
--   deals           = count(*) filter (deals.is_main)
--   contract_amount = sum(deals.contract_amount)
--   profit_amount   = sum(deals.profit_amount)

with baskets as (

    select
        discounts.deal_id as basket,
        credits.manager_id as line,
        credits.weight,
        discounts.discount_amount as amount
    from mart.discounts as discounts
    inner join mart.deal_credits as credits on discounts.deal_id = credits.deal_id
    where discounts.discount_amount is not null

),

list_baskets as (

    select
        discounts.deal_id as basket,
        credits.manager_id as line,
        credits.weight,
        discounts.list_amount as amount
    from mart.discounts as discounts
    inner join mart.deal_credits as credits on discounts.deal_id = credits.deal_id
    where discounts.discount_amount is not null

),

credited as (

    select
        credits.*,
        discounts.is_known,
        if(credits.weight = 1000000, discounts.discount_amount, parts.share) as discount_amount,
        if(
            credits.weight = 1000000, if(discounts.is_known, discounts.list_amount, null), list_parts.share
        ) as list_amount
    from mart.profit_credits as credits
    inner join mart.discounts as discounts on credits.deal_id = discounts.deal_id
    left join divided('baskets') as parts
        on credits.deal_id = parts.basket and credits.manager_id = parts.line
    left join divided('list_baskets') as list_parts
        on credits.deal_id = list_parts.basket and credits.manager_id = list_parts.line

),

managers as (

    select
        manager_id,
        count(*) filter (is_main) as deals,
        count(*) filter (is_main and is_known) as known_deals,
        count(*) filter (is_main and is_complete) as complete_deals,
        coalesce(sum(contract_amount), 0) as contract_amount,
        sum(discount_amount) as discount_amount,
        sum(list_amount) as list_amount,
        sum(profit_amount) as profit_amount,
        sum(contract_amount) filter (is_complete) as complete_amount
    from credited
    group by manager_id

),

places as (

    select
        *,
        rank() over (order by contract_amount desc) as turnover_place,
        rank() over (order by profit_amount desc nulls last) as profit_place
    from managers

)

select
    places.manager_id,
    person(users.name, places.manager_id) as manager,
    places.deals,
    places.known_deals,
    coverage(places.known_deals, places.deals) as coverage,
    money(places.contract_amount) as contract_amount,
    money(places.discount_amount) as discount_amount,
    share(places.discount_amount, places.list_amount) as discount_rate,
    money(places.profit_amount) as profit_amount,
    coverage(places.complete_deals, places.deals) as profit_coverage,
    share(places.profit_amount, places.complete_amount) as margin_rate,
    places.turnover_place,
    places.profit_place,
    places.profit_place - places.turnover_place as places_lost
from places
left join core.users as users on places.manager_id = users.user_id
order by places.manager_id
