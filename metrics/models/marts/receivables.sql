-- Title:   Дебиторская задолженность
-- Meaning: Сколько клиенты ещё должны: сумма договора минус полученные и подтверждённые по сегодня деньги, по подписанным и не
--          расторгнутым договорам; срок — дата монтажа; договоры без суммы сюда не входят.
-- Grain:   deal_id
-- Date:    на сегодня, срок — дата монтажа
-- Reads:   mart.deal_balances
-- Equals:  receivable_amount = mart.deal_balances.balance_amount by deal_id where is_signed and not is_closed and balance_amount > 0
-- Refresh: deal_id
-- Columns:
--   deal_id           | deal  | Сделка
--   name              | text  | Название
--   client            | text  | Клиент
--   manager           | text  | Менеджер
--   contract_on       | date  | Дата договора
--   contract_amount   | money | Сумма договора
--   received_amount   | money | Получено
--   receivable_amount | money | Долг клиента
--   due_on            | date  | Дата монтажа
--   overdue_days      | days  | Просрочка, дней
--   bucket            | text  | Срок
-- Drill:
--   from mart.deal_balances as balances
--   where balances.is_signed and not balances.is_closed and balances.balance_amount > 0
--   deal_id           = balances.deal_id
--   contract_amount   = sum(balances.contract_amount)
--   received_amount   = sum(balances.received_amount)
--   receivable_amount = sum(balances.contract_amount) - sum(balances.received_amount)

select
    deal_id,
    name,
    client,
    manager,
    contract_on,
    contract_amount,
    received_amount,
    balance_amount as receivable_amount,
    due_on,
    if(due_on <= getvariable('today'), getvariable('today') - due_on, null) as overdue_days,
    ageing(due_on) as bucket
from mart.deal_balances
where is_signed and not is_closed and balance_amount > 0
order by due_on nulls last, deal_id
