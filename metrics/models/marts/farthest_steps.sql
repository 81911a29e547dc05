-- Title:   Самый дальний шаг сделки
-- Meaning: До какого шага воронки сделка доходила хоть раз; отказ и отложенные шагами пути не считаются.
-- Grain:   deal_id
-- Date:    за всё время
-- Reads:   core.stage_entries
-- Refresh: deal_id
-- Columns:
--   deal_id | deal   | Сделка
--   rank    | hidden | Номер шага

select
    deal_id,
    coalesce(max(rank), 0) as rank
from core.stage_entries
group by deal_id
order by deal_id
