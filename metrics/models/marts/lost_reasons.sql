-- Title:   Причины отказов
-- Meaning: Сколько раз за месяц сделки уходили в отказ и по какой причине — по той, что записана в сделке
--          сейчас; сумма — бюджет этих сделок, каждая один раз; удалённые сделки не считаются.
-- Grain:   month, reason
-- Date:    дата отказа
-- Reads:   core.deals, core.stage_entries
-- Equals:  losses = mart.funnel_by_month.losses by month
-- Total:   losses
-- Coverage: причина заполнена = losses where reason <> 'не заполнено' / losses
-- Columns:
--   month        | month   | Месяц
--   reason       | text    | Причина отказа
--   losses       | integer | Отказы
--   losses_rate  | percent | Доля в отказах месяца
--   deals        | integer | Сделки
--   price_amount | money   | Бюджет сделок
-- Drill:
--   from core.stage_entries as entries
--   inner join core.deals as deals on entries.deal_id = deals.deal_id
--   where entries.step = 'lost' and entries.previous_step is distinct from 'lost'
--   and deals.is_sale and not deals.is_deleted
--   month  = month_of(entries.entered_on)
--   reason = filled(deals.loss_reason)
--   losses = count(*)
--   deals  = count(distinct entries.deal_id)

with refused as (

    select
        month_of(entries.entered_on) as month,
        entries.deal_id,
        filled(any_value(deals.loss_reason)) as reason,
        count(*) as losses,
        any_value(deals.price) as price
    from core.stage_entries as entries
    inner join core.deals as deals on entries.deal_id = deals.deal_id
    where entries.step = 'lost'
        and entries.previous_step is distinct from 'lost'
        and deals.is_sale
        and not deals.is_deleted
    group by month, entries.deal_id

),

reasons as (

    select
        month,
        reason,
        whole(sum(losses)) as losses,
        count(*) as deals,
        money(coalesce(sum(price), 0)) as price_amount
    from refused
    group by month, reason

)

select
    month,
    reason,
    losses,
    share(losses, sum(losses) over (partition by month)) as losses_rate,
    deals,
    price_amount
from reasons
order by month, reason
