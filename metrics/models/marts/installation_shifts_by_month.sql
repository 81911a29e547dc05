-- Title:   Переносы монтажа по месяцам
-- Meaning: Сколько раз в месяце переносили дату монтажа, в скольких сделках и на сколько дней вместе (переносы на более
--          раннюю дату вычитаются); менеджер — ответственный за сделку в тот момент.
-- Grain:   month, manager_id
-- Date:    день, когда дату изменили
-- Reads:   core.deals, core.installation_changes, core.users
-- Equals:  shifts = mart.installation_shifts.shifts
--          shifted_days = mart.installation_shifts.shifted_days
-- Total:   shifts, shifted_days
-- Columns:
--   month        | month   | Месяц
--   manager_id   | hidden  | Номер менеджера
--   manager      | text    | Менеджер
--   shifts       | integer | Переносов
--   deals        | integer | Сделки
--   shifted_days | days    | Перенесено на дней
-- Drill:
--   from core.installation_changes as changes
--   inner join core.deals as deals on changes.deal_id = deals.deal_id
--   where deals.is_sale and not deals.is_deleted and changes.day_after <> changes.day_before
--   month        = month_of(changes.changed_on)
--   manager_id   = changes.manager_id
--   shifts       = count(*)
--   deals        = count(distinct changes.deal_id)
--   shifted_days = sum(changes.day_after - changes.day_before)

with shifts as (

    select
        month_of(changes.changed_on) as month,
        changes.manager_id,
        count(*) as shifts,
        count(distinct changes.deal_id) as deals,
        whole(sum(changes.day_after - changes.day_before)) as shifted_days
    from core.installation_changes as changes
    inner join core.deals as deals on changes.deal_id = deals.deal_id
    where deals.is_sale and not deals.is_deleted and changes.day_after <> changes.day_before
    group by all

)

select
    shifts.month,
    shifts.manager_id,
    person(users.name, shifts.manager_id) as manager,
    shifts.shifts,
    shifts.deals,
    shifts.shifted_days
from shifts
left join core.users as users on shifts.manager_id = users.user_id
order by shifts.month, shifts.manager_id
