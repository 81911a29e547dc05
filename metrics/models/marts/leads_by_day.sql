-- Title:   Заявки по дням
-- Meaning: Сколько заявок пришло за день; удалённые сделки не считаются. Дни без заявок за последний год
--          показаны нулём. Переданная в сервис ждёт уже не продаж и в первом шаге не числится.
-- Grain:   lead_on
-- Date:    дата заявки
-- Reads:   core.deals, core.pipelines
-- Total:   leads, unprocessed
-- Columns:
--   lead_on     | date    | День
--   leads       | integer | Заявки
--   unprocessed | integer | Ещё в первом шаге
-- Drill:
--   from core.deals as deals
--   left join core.pipelines as pipelines on deals.pipeline_id = pipelines.pipeline_id
--   where deals.is_sale and not deals.is_deleted and deals.lead_on is not null
--   lead_on     = deals.lead_on
--   leads       = count(*)
--   unprocessed = count(*) filter (deals.step = 'new' and not serviced(pipelines.kind))

with leads as (

    select
        deals.lead_on,
        1 as leads,
        if(deals.step = 'new' and not serviced(pipelines.kind), 1, 0) as unprocessed
    from core.deals as deals
    left join core.pipelines as pipelines on deals.pipeline_id = pipelines.pipeline_id
    where deals.is_sale and not deals.is_deleted and deals.lead_on is not null

),

empty_days as (

    select
        cast(unnest(generate_series(
            greatest(min(lead_on), cast(getvariable('today') - interval 1 year as date)),
            getvariable('today'),
            interval 1 day
        )) as date) as lead_on,
        0 as leads,
        0 as unprocessed
    from leads
    having count(*) > 0

)

select
    lead_on,
    whole(sum(leads)) as leads,
    whole(sum(unprocessed)) as unprocessed
from (from leads union all from empty_days)
group by lead_on
order by lead_on
