-- Title:   Чистая прибыль по менеджерам
-- Meaning: Чистая прибыль менеджера за месяц договора: валовая прибыль его сделок (по долям, где они записаны) минус их
--          доли общих расходов и зарплата за них; складываются только сделки, у которых прибыль известна.
-- Grain:   month, manager_id
-- Date:    дата договора
-- Reads:   core.users, mart.net_profit_credits
-- Equals:  net_amount = mart.net_profit_by_month.net_amount by month
--          net_amount = mart.net_profit_credits.net_amount by month = month_of(contract_on), manager_id
--          deals = mart.net_profit_by_month.deals by month
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

select
    month_of(credits.contract_on) as month,
    credits.manager_id,
    any_value(person(users.name, credits.manager_id)) as manager,

    count(*) filter (is_main) as deals,
    count(*) filter (is_complete and is_main) as complete_deals,
    coverage(count(*) filter (is_complete and is_main), count(*) filter (is_main)) as coverage,
    money(coalesce(sum(contract_amount) filter (is_complete), 0)) as complete_amount,
    money(sum(profit_amount)) as profit_amount,
    money(coalesce(sum(overheads_amount) filter (is_complete), 0)) as overheads_amount,
    money(coalesce(sum(commission_amount) filter (is_complete), 0)) as commission_amount,
    money(sum(net_amount)) as net_amount,
    share(sum(net_amount), sum(contract_amount) filter (is_complete)) as net_rate,
    money(coalesce(sum(overheads_amount) filter (not is_complete), 0)) as other_overheads
from mart.net_profit_credits as credits
left join core.users as users on credits.manager_id = users.user_id
group by month, credits.manager_id
order by month, credits.manager_id
