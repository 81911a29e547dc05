-- Title:   Что разошлось с настройками
-- Meaning: Поля, воронки и этапы, на которых стоят цифры и которые в amoCRM удалили, завели заново, сменили им тип или
--          отправили в архив; пока строка здесь, названные в ней цифры неверны.
-- Grain:   key
-- Date:    дата, когда замечено
-- Reads:   core.mapping_flaws
-- Columns:
--   key      | text | Ключ в config.yaml
--   since_on | date | Замечено
--   what     | text | Что произошло
--   figures  | text | Какие цифры неверны
--   remedy   | text | Что делать

select
    key,
    since_on,
    what,
    figures,
    remedy
from core.mapping_flaws
order by key
