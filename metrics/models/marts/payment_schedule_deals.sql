-- Title:   График платежей по сделкам
-- Meaning: Каждый ожидаемый платёж: назначенные на дату после сегодняшней; из остатка по договору — неоплаченные
--          счета в их срок, самые ранние первыми; что осталось сверх счетов, ждём в дату монтажа; из сделок в отказе и
--          удалённых — только назначенные возвраты клиентам, они со знаком минус.
-- Grain:   due_on, deal_id, seq
-- Date:    дата платежа; счёт — его срок; остаток — дата монтажа
-- Reads:   core.payments, mart.deal_balances, mart.open_invoices
-- Refresh: deal_id
-- Total:   expected_amount
-- Coverage: срок известен = rows where due_on is not null / rows
-- Columns:
--   due_on          | date    | Дата
--   bucket          | text    | Состояние
--   deal_id         | deal    | Сделка
--   seq             | integer | Платёж по счёту
--   name            | text    | Название
--   client          | text    | Клиент
--   manager_id      | hidden  | Номер менеджера
--   manager         | text    | Менеджер
--   kind            | text    | Что ждём
--   expected_amount | money   | Сумма
-- Drill:
--   from mart.deal_balances as balances where not balances.is_closed
--   deal_id         = balances.deal_id
--   expected_amount = sum(balances.expected_amount) + coalesce(sum(balances.balance_amount -
--       balances.expected_amount) filter (balances.is_signed and balances.balance_amount >
--       balances.expected_amount), 0)
--   from core.payments as refunds
--   inner join mart.deal_balances as balances on refunds.deal_id = balances.deal_id
--   where balances.is_closed and refunds.amount < 0 and refunds.paid_on > getvariable('today')
--   deal_id         = refunds.deal_id
--   expected_amount = sum(refunds.amount)

with rests as (

    select
        deal_id,
        due_on,
        balance_amount - expected_amount as rest
    from mart.deal_balances
    where is_signed and not is_closed and balance_amount - expected_amount > 0

),

billed as (

    select
        bills.invoice_id,
        bills.deal_id,
        bills.due_on,
        least(bills.open_amount, rests.rest - bills.earlier_amount) as amount
    from mart.open_invoices as bills
    inner join rests on bills.deal_id = rests.deal_id
    where rests.rest > bills.earlier_amount

),

unbilled as (

    select
        rests.deal_id,
        any_value(rests.due_on) as due_on,
        any_value(rests.rest) - coalesce(sum(billed.amount), 0) as amount
    from rests
    left join billed on rests.deal_id = billed.deal_id
    group by rests.deal_id

),

expected as (

    select
        payments.deal_id,
        payments.paid_on as due_on,
        payments.seq as given_order,
        case
            when payments.amount < 0 then 'возврат'
            when payments.kind = 'prepayment' then 'предоплата'
            when payments.kind = 'rest' then 'остаток'
            else 'платёж'
        end as kind,
        payments.amount
    from core.payments as payments
    inner join mart.deal_balances as deals on payments.deal_id = deals.deal_id
    where
        payments.paid_on > getvariable('today')
        and payments.amount is not null
        and (payments.amount < 0 or not deals.is_closed)

    union all

    select
        deal_id,
        due_on,
        invoice_id as given_order,
        'счёт' as kind,
        amount
    from billed

    union all

    select
        deal_id,
        due_on,
        null as given_order,
        'остаток' as kind,
        amount
    from unbilled
    where amount > 0

)

select
    expected.due_on,
    case
        when expected.due_on is null then 'без даты'
        when expected.due_on < getvariable('today') then 'просрочено'
        else 'ожидается'
    end as bucket,
    expected.deal_id,
    row_number() over (
        partition by expected.deal_id
        order by expected.due_on nulls last, expected.given_order nulls last
    ) as seq,
    deals.name,
    deals.client,
    deals.manager_id,
    deals.manager,
    expected.kind,
    money(expected.amount) as expected_amount
from expected
inner join mart.deal_balances as deals on expected.deal_id = deals.deal_id
order by expected.due_on nulls last, expected.deal_id, seq
