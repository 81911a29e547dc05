-- Title:   Заявки по месяцам
-- Meaning: Сколько заявок пришло за месяц; удалённые сделки не считаются.
-- Grain:   month
-- Date:    дата заявки
-- Reads:   mart.leads_by_day
-- Equals:  leads = mart.leads_by_day.leads by month = month_of(lead_on)
-- Total:   leads, unprocessed
-- Columns:
--   month       | month   | Месяц
--   leads       | integer | Заявки
--   unprocessed | integer | Ещё в первом шаге
-- Drill:
--   from mart.leads_by_day as days
--   month       = month_of(days.lead_on)
--   leads       = sum(days.leads)
--   unprocessed = sum(days.unprocessed)

select
    month_of(lead_on) as month,
    whole(sum(leads)) as leads,
    whole(sum(unprocessed)) as unprocessed
from mart.leads_by_day
group by month
order by month
