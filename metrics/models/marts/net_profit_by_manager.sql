-- Title:   Чистая прибыль по менеджерам
-- Meaning: Чистая прибыль менеджера за месяц договора: валовая прибыль его сделок (по долям, где они записаны) минус их
--          доли общих расходов и зарплата за них; складываются только сделки, у которых прибыль известна.
-- Grain:   month, manager_id
-- Date:    дата договора
-- Reads:   core.users, mart.net_profit_credits
-- Equals:  net_amount = mart.net_profit_by_month.net_amount by month
--          net_amount = mart.net_profit_credits.net_amount by month = month_of(contract_on), manager_id
--          deals = mart.net_profit_by_month.deals by month
-- Total:   deals, complete_deals, complete_amount, profit_amount, overheads_amount, commission_amount, net_amount,
--          other_overheads
--          net_rate = net_amount / complete_amount
-- Coverage: прибыль известна = complete_deals / deals
-- Columns:
--   month             | month   | Месяц
--   manager_id        | hidden  | Номер менеджера
--   manager           | text    | Менеджер
--   deals             | integer | Договоры
--   complete_deals    | integer | Прибыль известна
--   coverage          | text    | Полнота
--   complete_amount   | money   | Сумма договоров с известной прибылью
--   profit_amount     | money   | Валовая прибыль по ним
--   overheads_amount  | money   | Общие расходы на них
--   commission_amount | money   | Зарплата за них
--   net_amount        | money   | Чистая прибыль по ним
--   net_rate          | percent | Рентабельность
--   other_overheads   | money   | Общие расходы на остальных
-- Drill:
--   from mart.net_profit_credits as deals
--   month           = month_of(deals.contract_on)
--   manager_id      = deals.manager_id
--   deals           = count(*) filter (deals.is_main)
--   complete_deals  = count(*) filter (deals.is_main and deals.is_complete)
--   complete_amount = sum(deals.contract_amount) filter (deals.is_complete)
--   profit_amount   = sum(deals.profit_amount)

with credits as (

    select *, {'month': month_of(contract_on), 'manager_id': manager_id} as key
    from mart.net_profit_credits

)

select
    profits.key.month as month,
    profits.key.manager_id as manager_id,
    person(users.name, profits.key.manager_id) as manager,
    profits.* exclude (key)
from net_profits('credits') as profits
left join core.users as users on profits.key.manager_id = users.user_id
order by month, manager_id
