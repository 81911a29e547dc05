-- Title:   Изменения настроек amoCRM
-- Meaning: Что сотрудники изменили в полях, воронках и этапах amoCRM: переименовали, удалили, добавили, сменили тип.
-- Grain:   seq
-- Date:    дата, когда замечено
-- Reads:   core.drift
-- Columns:
--   seq        | hidden  | Номер
--   noticed_on | date    | Замечено
--   subject    | text    | Где
--   id         | integer | Номер в amoCRM
--   kind       | text    | Что произошло
--   before     | text    | Было
--   after      | text    | Стало

select
    row_number() over (order by noticed_at desc, stream, id, kind, before, after) as seq,
    noticed_on,
    case stream
        when 'lead_fields' then 'поле сделки'
        when 'contact_fields' then 'поле контакта'
        when 'company_fields' then 'поле компании'
        when 'pipelines' then 'воронка'
        when 'loss_reasons' then 'причина отказа'
        when 'users' then 'сотрудник'
        else stream
    end as subject,
    id,
    kind,
    before,
    after
from core.drift
order by seq
