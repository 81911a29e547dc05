-- Title:   Упущенная прибыль (оценка)
-- Meaning: Оценка, а не учёт: бюджет сделок, которые сейчас в отказе, умноженный на обычную маржу компании, по месяцу
--          отказа и причине; сделки без суммы не оценены, и сказано, сколько оценено.
-- Grain:   month, reason
-- Date:    дата отказа
-- Reads:   core.deals, mart.profit_by_deal
-- Total:   deals, priced_deals, lost_amount, missed_amount
-- Coverage: сумма есть = priced_deals / deals
-- Columns:
--   month         | month   | Месяц
--   reason        | text    | Причина
--   deals         | integer | Сделки в отказе
--   priced_deals  | integer | Из них с суммой
--   coverage      | text    | Полнота
--   lost_amount   | money   | Сумма отказов
--   margin_rate   | percent | Обычная маржа
--   missed_amount | money   | Упущенная прибыль, оценка
-- Drill:
--   from core.deals as deals
--   where deals.is_sale and not deals.is_deleted and deals.is_lost and deals.lost_on is not null
--   month        = month_of(deals.lost_on)
--   reason       = filled(deals.loss_reason)
--   deals        = count(*)
--   priced_deals = count(nullif(deals.contract_amount, 0))
--   lost_amount  = sum(deals.contract_amount)

with typical as (

    select share(sum(profit_amount), sum(contract_amount) filter (is_complete)) as margin_rate
    from mart.profit_by_deal

),

losses as (

    select
        month_of(lost_on) as month,
        filled(loss_reason) as reason,
        count(*) as deals,
        count(nullif(contract_amount, 0)) as priced_deals,
        coalesce(sum(contract_amount), 0) as lost_amount
    from core.deals
    where is_sale and not is_deleted and is_lost and lost_on is not null
    group by all

)

select
    losses.month,
    losses.reason,
    losses.deals,
    losses.priced_deals,
    coverage(losses.priced_deals, losses.deals) as coverage,
    money(losses.lost_amount) as lost_amount,
    typical.margin_rate,
    money(losses.lost_amount * typical.margin_rate) as missed_amount
from losses
cross join typical
order by losses.month, losses.reason
