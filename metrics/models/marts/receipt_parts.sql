-- Title:   Поступления по сделкам и менеджерам
-- Meaning: Подтверждённые деньги сделки, полученные по сегодня, по месяцу платежа на том, кому она принадлежит:
--          ответственному в момент договора (без договора — нынешнему) или каждому по его доле, до копейки.
-- Grain:   month, deal_id, manager_id
-- Date:    дата платежа
-- Reads:   core.deals, core.payments, mart.deal_credits
-- Refresh: deal_id
-- Columns:
--   month      | month  | Месяц
--   deal_id    | deal   | Сделка
--   manager_id | hidden | Номер менеджера
--   amount     | money  | Получено

with receipts as (

    select
        month_of(payments.paid_on) as month,
        payments.deal_id,
        any_value(coalesce(deals.contract_manager_id, deals.owner_id)) as manager_id,
        sum(payments.amount) as amount
    from core.payments as payments
    inner join core.deals as deals on payments.deal_id = deals.deal_id
    where deals.is_sale and payments.is_confirmed and payments.paid_on <= getvariable('today')
    group by month, payments.deal_id

),

baskets as (

    select
        {'month': receipts.month, 'deal_id': receipts.deal_id} as basket,
        credits.manager_id as line,
        credits.weight,
        receipts.amount
    from receipts
    inner join mart.deal_credits as credits on receipts.deal_id = credits.deal_id

),

credited as (

    select month, deal_id, manager_id, amount
    from receipts
    where deal_id not in (select deal_id from mart.deal_credits)
    union all
    select basket.month, basket.deal_id, line, share
    from divided('baskets')

)

select month, deal_id, manager_id, money(amount) as amount
from credited
order by month, deal_id, manager_id
