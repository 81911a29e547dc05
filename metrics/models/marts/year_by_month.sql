-- Title:   Год по месяцам
-- Meaning: Двенадцать месяцев: заявки, замеры/КП и договоры, оборот рядом с действующим планом, прибыль валовая и чистая;
--          месяц без движений стоит нулями, этот — целиком, с тем, что внесено на его дни вперёд. Из этой таблицы
--          нарисованы графики.
-- Grain:   month
-- Date:    заявки — дата заявки; замеры/КП и договоры — дата события; деньги — дата договора, расходы — свой месяц
-- Reads:   mart.funnel_by_month, mart.plan_fact, mart.profit_and_loss, mart.turnover_by_month
-- Total:   leads, measures, contracts, net_amount, plan_amount, profit_amount, result_amount
-- Columns:
--   month         | month   | Месяц
--   leads         | integer | Заявки
--   measures      | integer | Замеры/КП
--   contracts     | integer | Договоры
--   net_amount    | money   | Чистый оборот
--   plan_amount   | money   | План оборота
--   profit_amount | money   | Валовая прибыль
--   result_amount | money   | Чистая прибыль
-- Drill:
--   from mart.funnel_by_month as months where falls_in_year(months.month)
--   month     = months.month
--   leads     = sum(months.leads)
--   measures  = sum(months.measures)
--   contracts = sum(months.contracts)
--   from mart.turnover_by_month as months where falls_in_year(months.month)
--   month      = months.month
--   net_amount = sum(months.net_amount)
--   from mart.plan_fact as plans
--   where falls_in_year(plans.month) and plans.whom = 'компания' and plans.code = 'turnover'
--   month       = plans.month
--   plan_amount = sum(plans.current_plan)
--   from mart.profit_and_loss as months where falls_in_year(months.month)
--   month         = months.month
--   profit_amount = sum(months.profit_amount)
--   result_amount = sum(months.net_amount)

with months as (

    select cast(unnest(generate_series(year_start(), month_of(getvariable('today')), interval 1 month)) as date) as month

),

plans as (

    select month, current_plan
    from mart.plan_fact
    where whom = 'компания' and code = 'turnover'

)

select
    months.month,
    whole(coalesce(funnel.leads, 0)) as leads,
    whole(coalesce(funnel.measures, 0)) as measures,
    whole(coalesce(funnel.contracts, 0)) as contracts,
    money(coalesce(turnover.net_amount, 0)) as net_amount,
    money(plans.current_plan) as plan_amount,
    money(results.profit_amount) as profit_amount,
    money(results.net_amount) as result_amount
from months
left join mart.funnel_by_month as funnel on months.month = funnel.month
left join mart.turnover_by_month as turnover on months.month = turnover.month
left join plans on months.month = plans.month
left join mart.profit_and_loss as results on months.month = results.month
order by months.month
