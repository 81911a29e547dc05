-- Title:   Заявлено, не подтверждено
-- Meaning: Платежи, о которых кто-то написал, но которые ничем надёжным не доказаны: долг клиента они не
--          уменьшают, пока их не подтвердят; возраст — дней с даты платежа.
-- Grain:   deal_id, seq
-- Date:    дата платежа
-- Reads:   core.companies, core.contacts, core.deals, core.payments, core.users
-- Refresh: deal_id
-- Total:   amount
-- Columns:
--   deal_id    | deal   | Сделка
--   seq        | hidden | Платёж по счёту
--   name       | text   | Название
--   client     | text   | Клиент
--   manager_id | hidden | Номер менеджера
--   manager    | text   | Менеджер
--   paid_on    | date   | Дата платежа
--   amount     | money  | Сумма
--   proof      | text   | Откуда известно
--   age_days   | days   | Возраст, дней
--   is_past    | hidden | Дата прошла
-- Drill:
--   from core.payments as payments
--   inner join core.deals as deals on payments.deal_id = deals.deal_id
--   where deals.is_sale and not payments.is_confirmed
--   deal_id = payments.deal_id
--   seq     = payments.seq
--   amount  = sum(payments.amount)

select
    payments.deal_id,
    payments.seq,
    deals.name,
    client(contacts.name, companies.name) as client,
    coalesce(deals.contract_manager_id, deals.owner_id) as manager_id,
    person(users.name, coalesce(deals.contract_manager_id, deals.owner_id)) as manager,
    payments.paid_on,
    payments.amount,
    proof_label(payments.proof) as proof,
    if(payments.paid_on <= getvariable('today'), getvariable('today') - payments.paid_on, null) as age_days,
    payments.paid_on <= getvariable('today') as is_past
from core.payments as payments
inner join core.deals as deals on payments.deal_id = deals.deal_id
left join core.contacts as contacts on deals.contact_id = contacts.contact_id
left join core.companies as companies on deals.company_id = companies.company_id
left join core.users as users on coalesce(deals.contract_manager_id, deals.owner_id) = users.user_id
where deals.is_sale and not payments.is_confirmed
order by payments.deal_id, payments.seq
