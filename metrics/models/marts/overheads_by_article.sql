-- Title:   Общие расходы по статьям
-- Meaning: Расходы, которые не относятся к сделкам, по месяцу, к которому они относятся, направлению и статье;
--          годовая плата разнесена по месяцам.
-- Grain:   month, direction, article
-- Date:    месяц расхода
-- Reads:   core.overheads
-- Columns:
--   month     | month   | Месяц
--   direction | text    | Направление
--   article   | text    | Статья
--   lines     | integer | Строк
--   amount    | money   | Сумма
-- Drill:
--   from core.overheads as overheads
--   month     = overheads.month
--   direction = filled(overheads.direction)
--   article   = filled(overheads.article)
--   lines     = count(*)
--   amount    = sum(overheads.amount)

select
    month,
    filled(direction) as direction,
    filled(article) as article,
    count(*) as lines,
    money(sum(amount)) as amount
from core.overheads
group by all
order by month, direction, article
