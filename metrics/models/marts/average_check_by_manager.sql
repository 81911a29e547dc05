-- Title:   Средний чек по менеджерам
-- Meaning: Средняя и медианная сумма договора при подписании — кто закрывает крупные сделки, кто мелкие;
--          договоры без суммы в среднее не входят; договор нескольких менеджеров — у того, чья доля больше.
-- Grain:   month, manager_id
-- Date:    дата договора
-- Reads:   core.deals, core.turnover_entries, core.users, mart.deal_credits
-- Equals:  contracts = mart.turnover_by_manager.contracts by month, manager_id
-- Total:   contracts, priced_contracts, large_contracts
--          average_amount = mart.turnover_parts.signed_amount / mart.turnover_parts.priced_contracts
-- Coverage: сумма есть = priced_contracts / contracts
-- Columns:
--   month            | month   | Месяц
--   manager_id       | hidden  | Номер менеджера
--   manager          | text    | Менеджер
--   contracts        | integer | Подписано договоров
--   priced_contracts | integer | Из них с суммой
--   average_amount   | money   | Средний чек
--   median_amount    | money   | Медианный чек
--   low_amount       | money   | Нижние 10 % — до
--   high_amount      | money   | Верхние 10 % — от
--   largest_amount   | money   | Крупнейший договор
--   large_contracts  | integer | Крупных договоров
--   large_rate       | percent | Доля крупных в сумме
-- Drill:
--   from core.turnover_entries as entries
--   inner join core.deals as deals on entries.deal_id = deals.deal_id
--   left join mart.deal_credits as credits on entries.deal_id = credits.deal_id and credits.is_main
--   where entries.kind = 'signed' and deals.is_sale
--   month            = month_of(entries.booked_on)
--   manager_id       = coalesce(credits.manager_id, entries.manager_id)
--   contracts        = count(*)
--   priced_contracts = count(nullif(entries.amount, 0))
--   average_amount   = average(sum(entries.amount), count(nullif(entries.amount, 0)))
--   median_amount    = middle(nullif(entries.amount, 0))
--   largest_amount   = max(nullif(entries.amount, 0))

with signed as (

    select
        month_of(entries.booked_on) as month,
        coalesce(credits.manager_id, entries.manager_id) as manager_id,
        nullif(entries.amount, 0) as amount
    from core.turnover_entries as entries
    inner join core.deals as deals on entries.deal_id = deals.deal_id
    left join mart.deal_credits as credits on entries.deal_id = credits.deal_id and credits.is_main
    where entries.kind = 'signed' and deals.is_sale

)

select
    signed.month,
    signed.manager_id,
    person(any_value(users.name), signed.manager_id) as manager,
    count(*) as contracts,
    count(signed.amount) as priced_contracts,
    average(sum(signed.amount), count(signed.amount)) as average_amount,
    middle(signed.amount) as median_amount,
    quantile_disc(signed.amount, 0.1) as low_amount,
    quantile_disc(signed.amount, 0.9) as high_amount,
    max(signed.amount) as largest_amount,
    count(*) filter (signed.amount >= getvariable('large_check')) as large_contracts,
    share(
        coalesce(sum(signed.amount) filter (signed.amount >= getvariable('large_check')), 0), sum(signed.amount)
    ) as large_rate
from signed
left join core.users as users on signed.manager_id = users.user_id
group by signed.month, signed.manager_id
order by signed.month, signed.manager_id
