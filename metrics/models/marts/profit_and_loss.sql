-- Title:   Прибыли и убытки по месяцам
-- Meaning: Доход по договорам месяца минус прямые расходы, общие расходы, реклама и зарплата; доход — только договоры, у
--          которых заполнены сумма и все расходы, и сказано, сколько их; нет ни одного — валовая прибыль месяца неизвестна и
--          пуста, а чистая — одни его расходы. Записанная в расходах зарплата второй раз не вычитается.
--          Этот месяц стоит целиком, с договорами и расходами, внесёнными на его дни вперёд; на сегодня он в «В плюсе или в
--          минусе на сегодня».
-- Grain:   month
-- Date:    договоры — дата договора, расходы — месяц, к которому они относятся
-- Reads:   core.ad_spend, mart.overhead_totals, mart.payroll_by_month, mart.profit_by_month
-- Equals:  profit_amount = mart.profit_by_deal.profit_amount by month = month_of(contract_on)
--          overheads_amount = mart.overheads_by_article.amount by month
--          payroll_amount = mart.payroll_lines.amount by month
-- Total:   deals, complete_deals, revenue_amount, costs_amount, profit_amount, overheads_amount, ads_amount,
--          payroll_amount, net_amount
--          margin_rate = profit_amount / revenue_amount
--          net_rate = net_amount / revenue_amount
-- Coverage: прибыль известна = complete_deals / deals
-- Columns:
--   month            | month   | Месяц
--   deals            | integer | Договоры
--   complete_deals   | integer | Прибыль известна
--   coverage         | text    | Полнота
--   revenue_amount   | money   | Доход: договоры с известной прибылью
--   costs_amount     | money   | Прямые расходы
--   profit_amount    | money   | Валовая прибыль
--   margin_rate      | percent | Маржа
--   overheads_amount | money   | Общие расходы
--   ads_amount       | money   | Реклама
--   payroll_amount   | money   | Зарплата
--   net_amount       | money   | Чистая прибыль
--   net_rate         | percent | Рентабельность
--   year_amount      | money   | Чистая прибыль с начала года
-- Drill:
--   from mart.profit_by_deal as deals
--   month          = month_of(deals.contract_on)
--   deals          = count(*)
--   complete_deals = count(*) filter (deals.is_complete)
--   revenue_amount = sum(deals.contract_amount) filter (deals.is_complete)
--   costs_amount   = sum(deals.known_costs) filter (deals.is_complete)
--   profit_amount  = sum(deals.profit_amount)
--   from mart.counted_overheads as overheads
--   month            = overheads.month
--   overheads_amount = sum(overheads.amount)
--   from core.ad_spend as spent
--   month      = spent.month
--   ads_amount = sum(spent.amount)
--   from mart.payroll_lines as lines
--   month          = lines.month
--   payroll_amount = sum(lines.amount)

with sums as (

    select month, deals, complete_deals, complete_amount, costs_amount, profit_amount
    from mart.profit_by_month
    union all by name
    select month, amount as overheads_amount
    from mart.overhead_totals
    union all by name
    select month, amount as ads_amount
    from core.ad_spend
    union all by name
    select month, amount as payroll_amount
    from mart.payroll_by_month

),

months as (

    select
        month,
        whole(coalesce(sum(deals), 0)) as deals,
        whole(coalesce(sum(complete_deals), 0)) as complete_deals,
        coalesce(sum(complete_amount), 0) as revenue_amount,
        coalesce(sum(costs_amount), 0) as costs_amount,
        coalesce(sum(profit_amount), 0) as profit_amount,
        coalesce(sum(overheads_amount), 0) as overheads_amount,
        coalesce(sum(ads_amount), 0) as ads_amount,
        coalesce(sum(payroll_amount), 0) as payroll_amount
    from sums
    group by month

),

results as (

    select *, profit_amount - overheads_amount - ads_amount - payroll_amount as net_amount
    from months

)

select
    month,
    deals,
    complete_deals,
    coverage(complete_deals, deals) as coverage,
    money(revenue_amount) as revenue_amount,
    money(if(complete_deals = 0 and deals > 0, null, costs_amount)) as costs_amount,
    money(if(complete_deals = 0 and deals > 0, null, profit_amount)) as profit_amount,
    share(profit_amount, revenue_amount) as margin_rate,
    money(overheads_amount) as overheads_amount,
    money(ads_amount) as ads_amount,
    money(payroll_amount) as payroll_amount,
    money(net_amount) as net_amount,
    share(net_amount, revenue_amount) as net_rate,
    money(sum(net_amount) over (partition by date_part('year', month) order by month)) as year_amount
from results
order by month
