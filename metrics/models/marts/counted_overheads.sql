-- Title:   Общие расходы без повтора зарплаты
-- Meaning: Каждая строка общих расходов и сколько из неё расход: запись по статье зарплаты — выплата того, что уже начислено
--          за этот месяц, и потому расход только сверх начисленного; всё прочее — расход целиком.
-- Grain:   month, article, seq
-- Date:    месяц расхода
-- Reads:   core.overheads, mart.payroll_by_month
-- Columns:
--   month        | month   | Месяц
--   direction    | text    | Направление
--   article      | text    | Статья
--   seq          | integer | Номер
--   is_wages     | hidden  | Статья зарплаты
--   typed_amount | money   | Записано
--   amount       | money   | Расход
-- Drill:
--   from core.overheads as overheads
--   month        = overheads.month
--   article      = overheads.article
--   seq          = overheads.seq
--   typed_amount = sum(overheads.amount)

with typed as (

    select
        month,
        direction,
        article,
        seq,
        is_wages(article) as is_wages,
        amount,
        sum(amount) over so_far as until_amount
    from core.overheads
    window so_far as (
        partition by month, is_wages(article) order by article, seq
        rows between unbounded preceding and current row
    )

)

select
    typed.month,
    typed.direction,
    typed.article,
    typed.seq,
    typed.is_wages,
    typed.amount as typed_amount,
    money(
        if(
            typed.is_wages,
            beyond(typed.until_amount, payroll.amount)
            - beyond(typed.until_amount - typed.amount, payroll.amount),
            typed.amount
        )
    ) as amount
from typed
left join mart.payroll_by_month as payroll on typed.month = payroll.month
order by typed.month, typed.article, typed.seq
