-- Title:   Не принято из таблиц
-- Meaning: Строки таблиц, которые заполняют люди, не вошедшие в цифры: где ошибка и что исправить.
-- Grain:   seq
-- Date:    дата, когда замечено
-- Reads:   core.refused_inputs, core.settings
-- Columns:
--   seq         | hidden  | Номер
--   title       | text    | Таблица
--   row_number  | integer | Строка
--   column_name | text    | Столбец
--   value       | text    | Значение
--   message     | text    | Что исправить
--   seen_on     | date    | Замечено

select
    row_number() over (order by name, row, column_name, value, message) as seq,
    case name
        when 'plans' then 'Планы'
        when 'expenses' then 'Расходы'
        when 'ads' then 'Реклама'
        when 'rates' then 'Ставки'
        when 'exchange' then 'Курсы'
        when 'payments' then 'Платежи'
        when 'cash' then 'Деньги'
        when 'holidays' then 'Праздники'
        when 'timesheet' then 'Табель'
        else 'Все таблицы'
    end as title,
    cast(nullif(row, 0) as bigint) as row_number,
    column_name,
    value,
    message,
    cast(seen_at at time zone 'UTC' at time zone (select timezone from core.settings) as date) as seen_on
from core.refused_inputs
order by seq
