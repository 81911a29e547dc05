-- Title:   Поступления по месяцам
-- Meaning: Деньги, полученные по сегодня, по дате платежа: подтверждённые — по видам, возвраты отдельно со знаком
--          минус; заявленные, но не подтверждённые стоят рядом и в итог не входят.
-- Grain:   month
-- Date:    дата платежа
-- Reads:   core.deals, core.payments
-- Equals:  declared_amount = mart.declared_payments.amount by month = month_of(paid_on) where is_past
-- Total:   payments, prepayment_amount, payment_amount, rest_amount, refund_amount, confirmed_amount,
--          declared_amount
-- Columns:
--   month             | month   | Месяц
--   payments          | integer | Платежей подтверждено
--   prepayment_amount | money   | Предоплаты
--   payment_amount    | money   | Дальнейшие платежи
--   rest_amount       | money   | Остатки при завершении
--   refund_amount     | money   | Возвраты
--   confirmed_amount  | money   | Подтверждено
--   declared_amount   | money   | Заявлено, не подтверждено
-- Drill:
--   from core.payments as payments
--   inner join core.deals as deals on payments.deal_id = deals.deal_id
--   where payments.paid_on <= getvariable('today') and deals.is_sale
--   month            = month_of(payments.paid_on)
--   payments         = count(*) filter (payments.is_confirmed)
--   refund_amount    = sum(payments.amount) filter (payments.is_confirmed and payments.amount < 0)
--   confirmed_amount = sum(payments.amount) filter (payments.is_confirmed)
--   declared_amount  = sum(payments.amount) filter (not payments.is_confirmed)

select
    month_of(payments.paid_on) as month,
    count(*) filter (payments.is_confirmed) as payments,
    money(
        coalesce(
            sum(payments.amount) filter (
                payments.is_confirmed and payments.amount > 0 and payments.kind = 'prepayment'
            ),
            0
        )
    ) as prepayment_amount,
    money(
        coalesce(
            sum(payments.amount) filter (
                payments.is_confirmed and payments.amount > 0 and payments.kind not in ('prepayment', 'rest')
            ),
            0
        )
    ) as payment_amount,
    money(
        coalesce(
            sum(payments.amount) filter (
                payments.is_confirmed and payments.amount > 0 and payments.kind = 'rest'
            ),
            0
        )
    ) as rest_amount,
    money(
        coalesce(sum(payments.amount) filter (payments.is_confirmed and payments.amount < 0), 0)
    ) as refund_amount,
    money(coalesce(sum(payments.amount) filter (payments.is_confirmed), 0)) as confirmed_amount,
    money(coalesce(sum(payments.amount) filter (not payments.is_confirmed), 0)) as declared_amount
from core.payments as payments
inner join core.deals as deals on payments.deal_id = deals.deal_id
where payments.paid_on <= getvariable('today') and deals.is_sale
group by month
order by month
