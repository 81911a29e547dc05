-- Title:   Самый дальний шаг сделки
-- Meaning: До какого шага воронки сделка доходила хоть раз; отказ и отложенные шагами пути не считаются.
-- Grain:   deal_id
-- Date:    за всё время
-- Reads:   core.deals, core.stage_entries
-- Refresh: deal_id
-- Columns:
--   deal_id | deal   | Сделка
--   rank    | hidden | Номер шага

-- What was in the trash before anybody looked is known to nobody who comes later, so no deleted deal stands here.
select
    entries.deal_id,
    coalesce(max(entries.rank), 0) as rank
from core.stage_entries as entries
inner join core.deals as deals on deals.deal_id = entries.deal_id
where not deals.is_deleted
group by entries.deal_id
order by entries.deal_id
