-- Title:   Общие расходы по статьям
-- Meaning: Расходы, которые не относятся к сделкам, по месяцу, к которому они относятся, направлению и статье;
--          годовая плата разнесена по месяцам. Записанная зарплата — выплата начисленной, а расход она только сверх неё.
-- Grain:   month, direction, article
-- Date:    месяц расхода
-- Reads:   mart.counted_overheads
-- Total:   lines, typed_amount, repeated_amount, amount
-- Columns:
--   month           | month   | Месяц
--   direction       | text    | Направление
--   article         | text    | Статья
--   lines           | integer | Строк
--   typed_amount    | money   | Записано
--   repeated_amount | money   | Из них начисленная зарплата
--   amount          | money   | Расход
-- Drill:
--   from mart.counted_overheads as overheads
--   month           = overheads.month
--   direction       = filled(overheads.direction)
--   article         = filled(overheads.article)
--   lines           = count(*)
--   typed_amount    = sum(overheads.typed_amount)
--   repeated_amount = sum(overheads.typed_amount - overheads.amount)
--   amount          = sum(overheads.amount)

select
    month,
    filled(direction) as direction,
    filled(article) as article,
    count(*) as lines,
    money(sum(typed_amount)) as typed_amount,
    money(sum(typed_amount - amount)) as repeated_amount,
    money(sum(amount)) as amount
from mart.counted_overheads
group by all
order by month, direction, article
