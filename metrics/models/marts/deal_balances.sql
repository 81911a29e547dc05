-- Title:   Расчёты по сделкам
-- Meaning: Для каждой сделки с договором или платежом: сумма договора, сколько получено и подтверждено по
--          сегодня, сколько ещё назначено на будущие даты и сколько остаётся; возвраты вычтены.
-- Grain:   deal_id
-- Date:    на сегодня
-- Reads:   core.companies, core.contacts, core.deals, core.payments, core.users
-- Refresh: deal_id
-- Columns:
--   deal_id         | deal   | Сделка
--   name            | text   | Название
--   client          | text   | Клиент
--   manager_id      | hidden | Номер менеджера
--   manager         | text   | Менеджер
--   contract_on     | date   | Дата договора
--   contract_amount | money  | Сумма договора
--   received_amount | money  | Получено
--   expected_amount | money  | Назначено на будущее
--   balance_amount  | money  | Остаток по договору
--   due_on          | date   | Дата монтажа
--   is_signed       | hidden | Договор подписан
--   is_closed       | hidden | В отказе или удалена
-- Drill:
--   from core.payments as payments
--   inner join core.deals as deals on payments.deal_id = deals.deal_id where deals.is_sale
--   deal_id         = payments.deal_id
--   received_amount = sum(payments.amount) filter (
--       payments.paid_on <= getvariable('today') and payments.is_confirmed
--   )
--   expected_amount = sum(payments.amount) filter (payments.paid_on > getvariable('today'))
--   from core.deals as deals
--   where deals.is_sale and (deals.is_signed or deals.deal_id in (select deal_id from core.payments))
--   deal_id         = deals.deal_id
--   contract_amount = sum(deals.contract_amount)

with paid as (

    select
        deal_id,
        coalesce(sum(amount) filter (paid_on <= getvariable('today') and is_confirmed), 0) as received,
        coalesce(sum(amount) filter (paid_on > getvariable('today')), 0) as expected
    from core.payments
    group by deal_id

)

select
    deals.deal_id,
    deals.name,
    client(contacts.name, companies.name) as client,
    coalesce(deals.contract_manager_id, deals.owner_id) as manager_id,
    person(users.name, coalesce(deals.contract_manager_id, deals.owner_id)) as manager,
    deals.contract_on,

    nullif(deals.contract_amount, 0) as contract_amount,
    money(coalesce(paid.received, 0)) as received_amount,
    money(coalesce(paid.expected, 0)) as expected_amount,
    money(nullif(deals.contract_amount, 0) - coalesce(paid.received, 0)) as balance_amount,
    deals.installation_on as due_on,

    deals.is_signed,
    (deals.is_lost or deals.is_deleted or deals.is_cancelled) as is_closed
from core.deals as deals
left join paid on deals.deal_id = paid.deal_id
left join core.contacts as contacts on deals.contact_id = contacts.contact_id
left join core.companies as companies on deals.company_id = companies.company_id
left join core.users as users
    on coalesce(deals.contract_manager_id, deals.owner_id) = users.user_id
where deals.is_sale and (deals.is_signed or paid.deal_id is not null)
order by deals.deal_id
