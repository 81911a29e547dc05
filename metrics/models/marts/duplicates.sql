-- Title:   Дубли
-- Meaning: Сделки, которые в amoCRM объединили с другой: в показателях они считаются один раз, в оставшейся сделке.
-- Grain:   deal_id
-- Date:    дата объединения
-- Reads:   core.deals, core.merges
-- Columns:
--   deal_id       | deal | Дубль
--   name          | text | Название
--   survivor_id   | deal | Осталась сделка
--   survivor_name | text | Её название
--   merged_on     | date | Объединены
--   evidence      | text | Чем подтверждено
-- Drill:
--   from core.merges as merges
--   deal_id     = merges.deal_id
--   survivor_id = max(merges.survivor_id)

select
    merges.deal_id,
    duplicates.name,
    merges.survivor_id,
    survivors.name as survivor_name,
    merges.merged_on,
    if(merges.evidence = 'contact', 'общий контакт', 'тот же сотрудник, тот же момент') as evidence
from core.merges as merges
left join core.deals as duplicates on duplicates.deal_id = merges.deal_id
left join core.deals as survivors on survivors.deal_id = merges.survivor_id
order by merges.deal_id
