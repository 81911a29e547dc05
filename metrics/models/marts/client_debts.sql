-- Title:   Мы должны клиентам
-- Meaning: Деньги клиентов, которые остались у нас сверх договора или после отказа: переплата по действующему
--          договору и всё полученное по сделкам в отказе и удалённым.
-- Grain:   deal_id
-- Date:    на сегодня
-- Reads:   mart.deal_balances
-- Refresh: deal_id
-- Total:   contract_amount, received_amount, debt_amount
-- Columns:
--   deal_id         | deal   | Сделка
--   name            | text   | Название
--   client          | text   | Клиент
--   manager_id      | hidden | Номер менеджера
--   manager         | text   | Менеджер
--   contract_on     | date   | Дата договора
--   contract_amount | money  | Сумма договора
--   received_amount | money  | Получено
--   debt_amount     | money  | Долг клиенту
--   reason          | text   | Основание
-- Drill:
--   from mart.deal_balances as balances
--   where (balances.is_closed and balances.received_amount > 0)
--   or (balances.is_signed and not balances.is_closed and balances.balance_amount < 0)
--   deal_id         = balances.deal_id
--   contract_amount = sum(balances.contract_amount)
--   received_amount = sum(balances.received_amount)
--   debt_amount     = sum(if(balances.is_closed, balances.received_amount, -balances.balance_amount))

select
    deal_id,
    name,
    client,
    manager_id,
    manager,
    contract_on,
    contract_amount,
    received_amount,
    money(if(is_closed, received_amount, -balance_amount)) as debt_amount,
    case
        when not is_closed then 'переплата'
        when is_signed then 'расторгнут после оплаты'
        else 'отказ после оплаты'
    end as reason
from mart.deal_balances
where (is_closed and received_amount > 0) or (is_signed and not is_closed and balance_amount < 0)
order by deal_id
