-- Title:   Прибыли и убытки по годам
-- Meaning: То же, что по месяцам, за год — месяцы, которые ещё не начались, не входят, — рядом изменение чистой прибыли к
--          прошлому году: по месяцам, которые закончились и известны в обоих годах.
-- Grain:   year
-- Date:    договоры — дата договора, расходы — месяц, к которому они относятся
-- Reads:   mart.profit_and_loss
-- Equals:  net_amount = mart.profit_and_loss.net_amount by year = date_part('year', month) where month <= month_of(getvariable('today'))
-- Total:   deals, complete_deals, revenue_amount, costs_amount, profit_amount, overheads_amount, ads_amount,
--          payroll_amount, net_amount
--          margin_rate = profit_amount / revenue_amount
--          net_rate = net_amount / revenue_amount
-- Coverage: прибыль известна = complete_deals / deals
-- Columns:
--   year             | year    | Год
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
--   change           | change  | Изменение к прошлому году
-- Drill:
--   from mart.profit_and_loss as months where months.month <= month_of(getvariable('today'))
--   year             = date_part('year', months.month)
--   revenue_amount   = sum(months.revenue_amount)
--   costs_amount     = sum(months.costs_amount)
--   profit_amount    = sum(months.profit_amount)
--   overheads_amount = sum(months.overheads_amount)
--   ads_amount       = sum(months.ads_amount)
--   payroll_amount   = sum(months.payroll_amount)
--   net_amount       = sum(months.net_amount)

with years as (

    select
        date_part('year', month) as year,
        whole(sum(deals)) as deals,
        whole(sum(complete_deals)) as complete_deals,
        money(sum(revenue_amount)) as revenue_amount,
        money(sum(costs_amount)) as costs_amount,
        money(sum(profit_amount)) as profit_amount,
        money(sum(overheads_amount)) as overheads_amount,
        money(sum(ads_amount)) as ads_amount,
        money(sum(payroll_amount)) as payroll_amount,
        money(sum(net_amount)) as net_amount
    from mart.profit_and_loss
    where month <= month_of(getvariable('today'))
    group by year

),

compared as (

    select
        date_part('year', months.month) as year,
        sum(months.net_amount) as net_amount,
        sum(before.net_amount) as before_amount
    from mart.profit_and_loss as months
    inner join mart.profit_and_loss as before on months.month - interval 1 year = before.month
    where months.month < month_of(getvariable('today'))
    group by all

)

select
    years.year,
    years.deals,
    years.complete_deals,
    coverage(years.complete_deals, years.deals) as coverage,
    years.revenue_amount,
    if(years.complete_deals = 0 and years.deals > 0, null, years.costs_amount) as costs_amount,
    if(years.complete_deals = 0 and years.deals > 0, null, years.profit_amount) as profit_amount,
    share(years.profit_amount, years.revenue_amount) as margin_rate,
    years.overheads_amount,
    years.ads_amount,
    years.payroll_amount,
    years.net_amount,
    share(years.net_amount, years.revenue_amount) as net_rate,
    share(compared.net_amount - compared.before_amount, abs(compared.before_amount)) as change
from years
left join compared on years.year = compared.year
order by years.year
