-- Title:   Неоплаченные счета
-- Meaning: Счета со сроком оплаты, по которым пришло не всё: сколько ждём по счёту и сколько — по счетам той же сделки с более
--          ранним сроком. Счёт на нескольких сделках стоит у первой; отменённых и возвращённых здесь нет.
-- Grain:   invoice_id
-- Date:    срок счёта
-- Reads:   core.invoices
-- Columns:
--   invoice_id     | integer | Номер счёта
--   deal_id        | deal    | Сделка
--   name           | text    | Счёт
--   due_on         | date    | Срок
--   open_amount    | money   | Не оплачено
--   earlier_amount | money   | По более ранним счетам

with bills as (

    select
        invoice_id,
        deal_id,
        name,
        due_on,
        amount - coalesce(paid_amount, 0) as open_amount
    from core.invoices
    where
        not is_deleted
        and deal_id is not null
        and due_on is not null
        and amount > coalesce(paid_amount, 0)
        and coalesce(state, '') not in ('cancelled', 'refunded')
    qualify row_number() over (partition by invoice_id order by deal_id) = 1

)

select
    invoice_id,
    deal_id,
    name,
    due_on,
    money(open_amount) as open_amount,
    money(
        coalesce(
            sum(open_amount) over (
                partition by deal_id order by due_on, invoice_id rows between unbounded preceding and 1 preceding
            ),
            0
        )
    ) as earlier_amount
from bills
order by invoice_id
