-- Title:   Менеджеры: итог
-- Meaning: Кто доводит заявки до договора, а кто теряет: заявки — на сделавшем первый звонок, договоры,
--          оборот и прибыль — на ответственном в момент договора, за всё время; прибыль — только по сделкам,
--          где заполнены сумма и все расходы.
-- Grain:   manager_id
-- Date:    за всё время
-- Reads:   core.users, mart.funnel_parts, mart.profit_credits, mart.turnover_parts
-- Equals:  net_amount = mart.turnover_parts.net_amount by manager_id
--          profit_amount = mart.profit_credits.profit_amount by manager_id
-- Total:   leads, measure_leads, contract_leads, lost_leads, contracts, net_amount, profit_amount
--          measure_rate = measure_leads / leads
--          contract_rate = contract_leads / leads
--          lost_rate = lost_leads / leads
--          average_amount = mart.turnover_parts.signed_amount / mart.turnover_parts.priced_contracts
--          margin_rate = profit_amount / mart.profit_by_deal.contract_amount where profit_amount is not null
-- Coverage: прибыль известна = mart.profit_by_deal.rows where profit_amount is not null / mart.profit_by_deal.rows
-- Columns:
--   manager_id     | hidden  | Номер менеджера
--   manager        | text    | Менеджер
--   leads          | integer | Заявки
--   measure_leads  | integer | Дошли до замера/КП
--   measure_rate   | percent | Конверсия в замер/КП
--   contract_leads | integer | Дошли до договора
--   contract_rate  | percent | Конверсия в договор
--   lost_leads     | integer | Сейчас в отказе
--   lost_rate      | percent | Конверсия в отказ
--   contracts      | integer | Подписано договоров
--   net_amount     | money   | Чистый оборот
--   average_amount | money   | Средний чек
--   profit_amount  | money   | Валовая прибыль
--   margin_rate    | percent | Маржа
--   coverage       | text    | Прибыль известна
-- Drill:
--   from mart.funnel_parts as parts
--   manager_id     = parts.manager_id
--   leads          = sum(parts.leads)
--   measure_leads  = sum(parts.measure_leads)
--   contract_leads = sum(parts.contract_leads)
--   lost_leads     = sum(parts.lost_leads)
--   from mart.turnover_parts as parts
--   manager_id     = parts.manager_id
--   contracts      = sum(parts.contracts)
--   net_amount     = sum(parts.net_amount)
--   average_amount = average(sum(parts.signed_amount), sum(parts.priced_contracts))
--   from mart.profit_credits as deals
--   manager_id    = deals.manager_id
--   profit_amount = sum(deals.profit_amount)

with leads as (

    select
        manager_id,
        sum(leads) as leads,
        sum(measure_leads) as measure_leads,
        sum(contract_leads) as contract_leads,
        sum(lost_leads) as lost_leads
    from mart.funnel_parts
    group by manager_id

),

turnover as (

    select
        manager_id,
        sum(contracts) as contracts,
        sum(priced_contracts) as priced_contracts,
        sum(signed_amount) as signed_amount,
        sum(net_amount) as net_amount
    from mart.turnover_parts
    group by manager_id

),

profit as (

    select
        manager_id,
        count(*) filter (is_main) as deals,
        count(*) filter (is_main and is_complete) as complete_deals,
        sum(contract_amount) filter (is_complete) as complete_amount,
        sum(profit_amount) as profit_amount
    from mart.profit_credits
    group by manager_id

),

totals as (

    select
        manager_id,
        whole(coalesce(sum(leads), 0)) as leads,
        whole(coalesce(sum(measure_leads), 0)) as measure_leads,
        whole(coalesce(sum(contract_leads), 0)) as contract_leads,
        whole(coalesce(sum(lost_leads), 0)) as lost_leads,
        whole(coalesce(sum(contracts), 0)) as contracts,
        money(coalesce(sum(net_amount), 0)) as net_amount,
        average(sum(signed_amount), sum(priced_contracts)) as average_amount,
        money(sum(profit_amount)) as profit_amount,
        share(sum(profit_amount), sum(complete_amount)) as margin_rate,
        coverage(
            whole(coalesce(sum(complete_deals), 0)), whole(coalesce(sum(deals), 0))
        ) as coverage
    from (from leads union all by name from turnover union all by name from profit)
    group by manager_id

)

select
    totals.manager_id,
    person(users.name, totals.manager_id) as manager,

    leads,
    measure_leads,
    share(measure_leads, leads) as measure_rate,
    contract_leads,
    share(contract_leads, leads) as contract_rate,
    lost_leads,
    share(lost_leads, leads) as lost_rate,

    contracts,
    net_amount,
    average_amount,
    profit_amount,
    margin_rate,
    coverage
from totals
left join core.users as users on totals.manager_id = users.user_id
order by totals.manager_id
