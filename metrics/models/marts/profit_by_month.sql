-- Title:   Прибыль по месяцам
-- Meaning: Валовая прибыль месяца по подписанным и не расторгнутым договорам; итог складывается только из
--          сделок, у которых заполнены сумма и все статьи, и говорит, сколько их; маржа — прибыль всех,
--          делённая на сумму всех.
-- Grain:   month
-- Date:    дата договора
-- Reads:   mart.profit_by_deal
-- Equals:  profit_amount = mart.profit_by_deal.profit_amount by month = month_of(contract_on)
--          deals = mart.profit_by_deal.rows by month = month_of(contract_on)
-- Total:   deals, complete_deals, contract_amount, complete_amount, costs_amount, profit_amount
--          margin_rate = profit_amount / complete_amount
--          average_profit = profit_amount / complete_deals
-- Coverage: прибыль известна = complete_deals / deals
-- Columns:
--   month           | month   | Месяц
--   deals           | integer | Договоры
--   complete_deals  | integer | Прибыль известна
--   coverage        | text    | Полнота
--   contract_amount | money   | Сумма всех договоров
--   complete_amount | money   | Сумма договоров с известной прибылью
--   costs_amount    | money   | Прямые расходы по ним
--   profit_amount   | money   | Валовая прибыль по ним
--   margin_rate     | percent | Маржа
--   average_profit  | money   | Прибыль на сделку
-- Drill:
--   from mart.profit_by_deal as deals
--   month           = month_of(deals.contract_on)
--   deals           = count(*)
--   complete_deals  = count(*) filter (deals.is_complete)
--   contract_amount = sum(deals.contract_amount)
--   complete_amount = sum(deals.contract_amount) filter (deals.is_complete)
--   costs_amount    = sum(deals.known_costs) filter (deals.is_complete)
--   profit_amount   = sum(deals.profit_amount)
--   margin_rate     = share(sum(deals.profit_amount), sum(deals.contract_amount) filter (deals.is_complete))

select
    month_of(contract_on) as month,

    count(*) as deals,
    count(*) filter (is_complete) as complete_deals,
    coverage(count(*) filter (is_complete), count(*)) as coverage,
    money(coalesce(sum(contract_amount), 0)) as contract_amount,
    money(coalesce(sum(contract_amount) filter (is_complete), 0)) as complete_amount,
    money(sum(known_costs) filter (is_complete)) as costs_amount,
    money(sum(profit_amount)) as profit_amount,
    share(sum(profit_amount), sum(contract_amount) filter (is_complete)) as margin_rate,
    average(sum(profit_amount), count(*) filter (is_complete)) as average_profit
from mart.profit_by_deal
group by month
order by month
