-- Title:   Переносы монтажа
-- Meaning: Сделки, в которых дату монтажа переносили, а с ней и срок оплаты: сколько раз, на сколько дней всего (последняя
--          известная дата минус первая; меньше нуля — раньше), когда и кто в последний раз. Первая дата — не перенос;
--          стёрли и вписали другую — один перенос, ту же — ни одного.
-- Grain:   deal_id
-- Date:    день, когда дату изменили
-- Reads:   core.companies, core.contacts, core.deals, core.installation_changes, core.users
-- Refresh: deal_id
-- Total:   shifts, shifted_days
-- Columns:
--   deal_id         | deal    | Сделка
--   name            | text    | Название
--   client          | text    | Клиент
--   manager_id      | hidden  | Номер менеджера
--   manager         | text    | Менеджер
--   first_on        | date    | Первая дата монтажа
--   installation_on | date    | Дата монтажа
--   shifts          | integer | Переносов
--   shifted_days    | days    | Перенесено на дней
--   last_shift_on   | date    | Последний перенос
--   last_shift_by   | text    | Кто перенёс
-- Drill:
--   from core.installation_changes as changes
--   inner join core.deals as deals on changes.deal_id = deals.deal_id
--   where deals.is_sale and not deals.is_deleted and changes.day_after <> changes.day_before
--   deal_id      = changes.deal_id
--   shifts       = count(*)
--   shifted_days = sum(changes.day_after - changes.day_before)

with shifts as (

    select
        deal_id,
        min_by(day_before, seq) as first_on,
        count(*) as shifts,
        whole(sum(day_after - day_before)) as shifted_days,
        max_by(changed_on, seq) as last_shift_on,
        max_by({id: nullif(changed_by, 0)}, seq).id as last_shift_by
    from core.installation_changes
    where day_after <> day_before
    group by deal_id

)

select
    deals.deal_id,
    deals.name,
    client(contacts.name, companies.name) as client,
    coalesce(deals.contract_manager_id, deals.owner_id) as manager_id,
    person(managers.name, coalesce(deals.contract_manager_id, deals.owner_id)) as manager,
    shifts.first_on,
    deals.installation_on,
    shifts.shifts,
    shifts.shifted_days,
    shifts.last_shift_on,
    person(people.name, shifts.last_shift_by) as last_shift_by
from shifts
inner join core.deals as deals on shifts.deal_id = deals.deal_id
left join core.contacts as contacts on deals.contact_id = contacts.contact_id
left join core.companies as companies on deals.company_id = companies.company_id
left join core.users as managers
    on coalesce(deals.contract_manager_id, deals.owner_id) = managers.user_id
left join core.users as people on shifts.last_shift_by = people.user_id
where deals.is_sale and not deals.is_deleted
order by deals.deal_id
