-- Title:   Поступления по менеджерам
-- Meaning: Подтверждённые деньги, полученные по сегодня, по месяцу платежа на том, кому принадлежит сделка:
--          ответственному в момент договора (без договора — нынешнему) или каждому по его доле.
-- Grain:   month, manager_id
-- Date:    дата платежа
-- Reads:   mart.receipt_parts
-- Equals:  amount = mart.receipts_by_month.confirmed_amount by month
--          amount = mart.receipt_parts.amount by month, manager_id
-- Columns:
--   month      | month  | Месяц
--   manager_id | hidden | Номер менеджера
--   amount     | money  | Получено

select month, manager_id, money(sum(amount)) as amount
from mart.receipt_parts
group by month, manager_id
order by month, manager_id
