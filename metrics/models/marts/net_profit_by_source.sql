-- Title:   Чистая прибыль по источникам
-- Meaning: Чистая прибыль источника за всё время, по первому записанному источнику сделки: валовая прибыль сделок минус их доли общих
--          расходов и зарплата за них; складываются только сделки, у которых прибыль известна, и сказано, сколько их.
-- Grain:   source
-- Date:    за всё время
-- Reads:   mart.net_profit_by_deal
-- Equals:  net_amount = mart.net_profit_by_deal.net_amount by source
--          deals = mart.net_profit_by_deal.rows by source
--          other_overheads = mart.net_profit_by_deal.overheads_amount by source where not is_complete
-- Total:   deals, complete_deals, complete_amount, profit_amount, overheads_amount, commission_amount, net_amount,
--          other_overheads
--          net_rate = net_amount / complete_amount
-- Coverage: прибыль известна = complete_deals / deals
-- Columns:
--   source            | text    | Источник
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
--   from mart.net_profit_by_deal as deals
--   source            = deals.source
--   deals             = count(*)
--   complete_deals    = count(*) filter (deals.is_complete)
--   complete_amount   = sum(deals.contract_amount) filter (deals.is_complete)
--   profit_amount     = sum(deals.profit_amount)
--   overheads_amount  = sum(deals.overheads_amount) filter (deals.is_complete)
--   commission_amount = sum(deals.commission_amount) filter (deals.is_complete)
--   net_amount        = sum(deals.net_amount)
--   other_overheads   = sum(deals.overheads_amount) filter (not deals.is_complete)

with deals as (

    select *, source as key, true as is_main
    from mart.net_profit_by_deal

)

select key as source, * exclude (key)
from net_profits('deals')
order by source
