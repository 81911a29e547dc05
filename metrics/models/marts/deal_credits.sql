-- Title:   Доли менеджеров в сделках
-- Meaning: Чьи это сделки, когда в сделке записано несколько менеджеров: доля каждого; сделки, которых здесь нет,
--          целиком принадлежат ответственному в тот момент. Главный — у кого доля больше.
-- Grain:   deal_id, manager_id
-- Date:    без даты
-- Reads:   core.deal_shares
-- Refresh: deal_id
-- Columns:
--   deal_id    | deal    | Сделка
--   manager_id | hidden  | Номер менеджера
--   share      | percent | Доля
--   weight     | hidden  | Доля в миллионных
--   is_main    | hidden  | Главный

with shares as (

    select
        deal_id,
        manager_id,
        cast(sum(share) as decimal(18, 6)) as share
    from core.deal_shares
    where role = ''
    group by deal_id, manager_id

)

select
    deal_id,
    manager_id,
    share,
    cast(share * 1000000 as bigint) as weight,
    row_number() over (partition by deal_id order by share desc, manager_id) = 1 as is_main
from shares
order by deal_id, manager_id
