-- Title:   Заявки по неделям
-- Meaning: Сколько заявок пришло за неделю, с понедельника по воскресенье; удалённые сделки не считаются.
-- Grain:   week
-- Date:    дата заявки
-- Reads:   mart.leads_by_day
-- Equals:  leads = mart.leads_by_day.leads by week = cast(date_trunc('week', lead_on) as date)
-- Total:   leads, unprocessed
-- Columns:
--   week        | date    | Неделя с
--   leads       | integer | Заявки
--   unprocessed | integer | Ещё в первом шаге
-- Drill:
--   from mart.leads_by_day as days
--   week        = cast(date_trunc('week', days.lead_on) as date)
--   leads       = sum(days.leads)
--   unprocessed = sum(days.unprocessed)

select
    cast(date_trunc('week', lead_on) as date) as week,
    whole(sum(leads)) as leads,
    whole(sum(unprocessed)) as unprocessed
from mart.leads_by_day
group by week
order by week
