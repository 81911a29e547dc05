-- Title:   Средний чек по месяцам
-- Meaning: Сумма договора при подписании: средняя, медианная, каждая десятая снизу и сверху, доля крупных — от
--          порога, который задан в настройках; договоры без суммы не входят.
-- Grain:   month
-- Date:    дата договора
-- Reads:   core.deals, core.turnover_entries
-- Equals:  contracts = mart.turnover_by_month.contracts by month
-- Total:   contracts, priced_contracts, large_contracts, large_amount
--          average_amount = mart.turnover_parts.signed_amount / mart.turnover_parts.priced_contracts
--          large_rate = large_amount / mart.turnover_parts.signed_amount
-- Coverage: сумма есть = priced_contracts / contracts
-- Columns:
--   month            | month   | Месяц
--   contracts        | integer | Подписано договоров
--   priced_contracts | integer | Из них с суммой
--   coverage         | text    | Полнота
--   average_amount   | money   | Средний чек
--   median_amount    | money   | Медианный чек
--   low_amount       | money   | Нижние 10 % — до
--   high_amount      | money   | Верхние 10 % — от
--   large_contracts  | integer | Крупных договоров
--   large_amount     | money   | Сумма крупных
--   large_rate       | percent | Доля крупных в сумме
-- Drill:
--   from core.turnover_entries as entries
--   inner join core.deals as deals on entries.deal_id = deals.deal_id
--   where entries.kind = 'signed' and deals.is_sale
--   month            = month_of(entries.booked_on)
--   contracts        = count(*)
--   priced_contracts = count(nullif(entries.amount, 0))
--   average_amount   = average(sum(entries.amount), count(nullif(entries.amount, 0)))
--   median_amount    = middle(nullif(entries.amount, 0))
--   low_amount       = quantile_disc(nullif(entries.amount, 0), 0.1)
--   high_amount      = quantile_disc(nullif(entries.amount, 0), 0.9)
--   large_contracts  = count(*) filter (entries.amount >= getvariable('large_check'))
--   large_amount     = sum(entries.amount) filter (entries.amount >= getvariable('large_check'))

with signed as (

    select
        month_of(entries.booked_on) as month,
        nullif(entries.amount, 0) as amount
    from core.turnover_entries as entries
    inner join core.deals as deals on entries.deal_id = deals.deal_id
    where entries.kind = 'signed' and deals.is_sale

)

select
    month,
    count(*) as contracts,
    count(amount) as priced_contracts,
    coverage(count(amount), count(*)) as coverage,
    average(sum(amount), count(amount)) as average_amount,
    middle(amount) as median_amount,
    quantile_disc(amount, 0.1) as low_amount,
    quantile_disc(amount, 0.9) as high_amount,
    count(*) filter (amount >= getvariable('large_check')) as large_contracts,
    money(coalesce(sum(amount) filter (amount >= getvariable('large_check')), 0)) as large_amount,
    share(coalesce(sum(amount) filter (amount >= getvariable('large_check')), 0), sum(amount)) as large_rate
from signed
group by month
order by month
