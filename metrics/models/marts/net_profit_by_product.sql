-- Title:   Чистая прибыль по продуктам
-- Meaning: Чистая прибыль продукта за всё время: валовая прибыль сделок минус их доли общих
--          расходов и зарплата за них; сделка с несколькими товарами разделена по их суммам; складываются только сделки, у которых прибыль известна, и сказано, сколько их.
-- Grain:   product
-- Date:    за всё время
-- Reads:   mart.product_credits
-- Equals:  net_amount = mart.net_profit_by_deal.net_amount
--          net_amount = mart.product_credits.net_amount by product
--          other_overheads = mart.net_profit_by_deal.overheads_amount where not is_complete
-- Total:   complete_amount, profit_amount, overheads_amount, commission_amount, net_amount, other_overheads
--          net_rate = net_amount / complete_amount
-- Coverage: прибыль известна = mart.profit_by_deal.rows where profit_amount is not null / mart.profit_by_deal.rows
-- Columns:
--   product           | text    | Продукт
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
--   from mart.product_credits as deals
--   product           = deals.product
--   deals             = count(*)
--   complete_deals    = count(*) filter (deals.is_complete)
--   complete_amount   = sum(deals.contract_amount) filter (deals.is_complete)
--   profit_amount     = sum(deals.profit_amount)
--   overheads_amount  = sum(deals.overheads_amount) filter (deals.is_complete)
--   commission_amount = sum(deals.commission_amount) filter (deals.is_complete)
--   net_amount        = sum(deals.net_amount)
--   other_overheads   = sum(deals.overheads_amount) filter (not deals.is_complete)

with deals as (

    select *, product as key, true as is_main
    from mart.product_credits

)

select key as product, * exclude (key)
from net_profits('deals')
order by product
