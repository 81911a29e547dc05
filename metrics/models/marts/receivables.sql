-- Title:   Дебиторская задолженность
-- Meaning: Сколько клиенты ещё должны: сумма договора минус полученные и подтверждённые по сегодня деньги, по подписанным и не
--          расторгнутым договорам; договоры без суммы сюда не входят. Срок — у неоплаченного счёта его собственный, самые
--          ранние счета первыми; у того, что сверх счетов, — дата монтажа; просрочку всей сделки решает самый ранний из
--          них, а сколько просрочено на самом деле, стоит рядом.
-- Grain:   deal_id
-- Date:    на сегодня, срок — по счёту, без него дата монтажа
-- Reads:   mart.deal_balances, mart.open_invoices
-- Equals:  receivable_amount = mart.deal_balances.balance_amount by deal_id where is_signed and not is_closed and balance_amount > 0
-- Total:   contract_amount, received_amount, receivable_amount, overdue_amount
-- Coverage: срок известен = rows where due_on is not null / rows
-- Columns:
--   deal_id           | deal   | Сделка
--   name              | text   | Название
--   client            | text   | Клиент
--   manager_id        | hidden | Номер менеджера
--   manager           | text   | Менеджер
--   contract_on       | date   | Дата договора
--   contract_amount   | money  | Сумма договора
--   received_amount   | money  | Получено
--   receivable_amount | money  | Долг клиента
--   overdue_amount    | money  | Из него просрочено
--   due_on            | date   | Срок оплаты
--   overdue_days      | days   | Просрочка, дней
--   bucket            | text   | Состояние
-- Drill:
--   from mart.deal_balances as balances
--   where balances.is_signed and not balances.is_closed and balances.balance_amount > 0
--   deal_id           = balances.deal_id
--   contract_amount   = sum(balances.contract_amount)
--   received_amount   = sum(balances.received_amount)
--   receivable_amount = sum(balances.contract_amount) - sum(balances.received_amount)

with debts as (

    select *
    from mart.deal_balances
    where is_signed and not is_closed and balance_amount > 0

),

billed as (

    select
        debts.deal_id,
        min(bills.due_on) as due_on,
        sum(least(bills.open_amount, debts.balance_amount - bills.earlier_amount)) as amount,
        sum(least(bills.open_amount, debts.balance_amount - bills.earlier_amount)) filter (
            bills.due_on < getvariable('today')
        ) as overdue_amount
    from mart.open_invoices as bills
    inner join debts on bills.deal_id = debts.deal_id
    where debts.balance_amount > bills.earlier_amount
    group by debts.deal_id

),

dated as (

    select
        debts.* exclude (due_on),
        least(billed.due_on, if(debts.balance_amount > coalesce(billed.amount, 0), debts.due_on, null)) as due_on,
        coalesce(billed.overdue_amount, 0)
        + if(debts.due_on < getvariable('today'), debts.balance_amount - coalesce(billed.amount, 0), 0)
            as overdue_amount
    from debts
    left join billed on debts.deal_id = billed.deal_id

)

select
    deal_id,
    name,
    client,
    manager_id,
    manager,
    contract_on,
    contract_amount,
    received_amount,
    balance_amount as receivable_amount,
    money(overdue_amount) as overdue_amount,
    due_on,
    if(due_on <= getvariable('today'), getvariable('today') - due_on, null) as overdue_days,
    ageing(due_on) as bucket
from dated
order by due_on nulls last, deal_id
