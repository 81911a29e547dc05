-- Title:   Поступления по менеджерам
-- Meaning: Подтверждённые деньги, полученные по сегодня, по месяцу платежа на том, кому принадлежит сделка:
--          ответственному в момент договора (без договора — нынешнему) или каждому по его доле.
-- Grain:   month, manager_id
-- Date:    дата платежа
-- Reads:   core.deals, core.payments, mart.deal_credits
-- Equals:  amount = mart.receipts_by_month.confirmed_amount by month
-- Columns:
--   month      | month  | Месяц
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

    select month, manager_id, amount
    from receipts
    where deal_id not in (select deal_id from mart.deal_credits)
    union all
    select basket.month, line, share
    from divided('baskets')

)

select month, manager_id, money(sum(amount)) as amount
from credited
group by month, manager_id
order by month, manager_id
