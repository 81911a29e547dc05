-- Title:   Прибыль по менеджерам
-- Meaning: Валовая прибыль менеджера, ответственного в момент договора (или по долям, если они записаны в
--          сделке), за месяц по подписанным и не расторгнутым договорам; итог складывается только из
--          сделок, у которых заполнены сумма и все статьи, и говорит, сколько их; маржа — прибыль всех, делённая на сумму всех.
-- Grain:   month, manager_id
-- Date:    дата договора
-- Reads:   core.users, mart.profit_credits
-- Equals:  profit_amount = mart.profit_by_month.profit_amount by month
--          deals = mart.profit_by_month.deals by month
--          profit_amount = mart.profit_credits.profit_amount by month = month_of(contract_on), manager_id
-- Total:   deals, complete_deals, contract_amount, complete_amount, costs_amount, profit_amount
--          margin_rate = profit_amount / complete_amount
--          average_profit = profit_amount / complete_deals
-- Coverage: прибыль известна = complete_deals / deals
-- Columns:
--   month           | month   | Месяц
--   manager_id      | hidden  | Номер менеджера
--   manager         | text    | Менеджер
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
--   from mart.profit_credits as deals
--   month           = month_of(deals.contract_on)
--   manager_id      = deals.manager_id
--   deals           = count(*) filter (deals.is_main)
--   complete_deals  = count(*) filter (deals.is_main and deals.is_complete)
--   contract_amount = sum(deals.contract_amount)
--   complete_amount = sum(deals.contract_amount) filter (deals.is_complete)
--   costs_amount    = sum(deals.known_costs) filter (deals.is_complete)
--   profit_amount   = sum(deals.profit_amount)
--   margin_rate     = share(sum(deals.profit_amount), sum(deals.contract_amount) filter (deals.is_complete))

select
    month_of(credits.contract_on) as month,
    credits.manager_id,
    person(any_value(users.name), credits.manager_id) as manager,

    count(*) filter (is_main) as deals,
    count(*) filter (is_main and is_complete) as complete_deals,
    coverage(count(*) filter (is_main and is_complete), count(*) filter (is_main)) as coverage,
    money(coalesce(sum(contract_amount), 0)) as contract_amount,
    money(coalesce(sum(contract_amount) filter (is_complete), 0)) as complete_amount,
    money(sum(known_costs) filter (is_complete)) as costs_amount,
    money(sum(profit_amount)) as profit_amount,
    share(sum(profit_amount), sum(contract_amount) filter (is_complete)) as margin_rate,
    average(sum(profit_amount), count(*) filter (is_main and is_complete)) as average_profit
from mart.profit_credits as credits
left join core.users as users on credits.manager_id = users.user_id
group by month, credits.manager_id
order by month, credits.manager_id
