-- Title:   Оборот на любую дату
-- Meaning: Движения договоров по дням; оборот за любой промежуток — сумма его дней, нарастающий итог — всё, что
--          подписано к этому дню за вычетом изменений и расторжений.
-- Grain:   booked_on
-- Date:    дата договора; изменения, расторжения и восстановления — своя дата
-- Reads:   core.deals, core.turnover_entries
-- Equals:  net_amount = mart.turnover_credits.amount by booked_on
-- Total:   contracts, signed_amount, changed_amount, cancelled_amount, resumed_amount, net_amount
-- Columns:
--   booked_on         | date    | День
--   contracts         | integer | Подписано договоров
--   signed_amount     | money   | Подписано
--   changed_amount    | money   | Изменения сумм
--   cancelled_amount  | money   | Расторгнуто
--   resumed_amount    | money   | Восстановлено
--   net_amount        | money   | Чистый оборот
--   month_amount      | money   | С начала месяца
--   cumulative_amount | money   | С самого начала
-- Drill:
--   from core.turnover_entries as entries
--   inner join core.deals as deals on entries.deal_id = deals.deal_id where deals.is_sale
--   booked_on        = entries.booked_on
--   contracts        = count(*) filter (entries.kind = 'signed')
--   signed_amount    = sum(entries.amount) filter (entries.kind = 'signed')
--   changed_amount   = sum(entries.amount) filter (entries.kind = 'changed')
--   cancelled_amount = sum(entries.amount) filter (entries.kind = 'cancelled')
--   resumed_amount   = sum(entries.amount) filter (entries.kind = 'resumed')
--   net_amount       = sum(entries.amount)

with days as (

    select
        entries.booked_on,
        count(*) filter (entries.kind = 'signed') as contracts,
        coalesce(sum(entries.amount) filter (entries.kind = 'signed'), 0) as signed_amount,
        coalesce(sum(entries.amount) filter (entries.kind = 'changed'), 0) as changed_amount,
        coalesce(sum(entries.amount) filter (entries.kind = 'cancelled'), 0) as cancelled_amount,
        coalesce(sum(entries.amount) filter (entries.kind = 'resumed'), 0) as resumed_amount,
        sum(entries.amount) as net_amount
    from core.turnover_entries as entries
    inner join core.deals as deals on entries.deal_id = deals.deal_id
    where deals.is_sale
    group by entries.booked_on

)

select
    booked_on,
    contracts,
    money(signed_amount) as signed_amount,
    money(changed_amount) as changed_amount,
    money(cancelled_amount) as cancelled_amount,
    money(resumed_amount) as resumed_amount,
    money(net_amount) as net_amount,
    money(sum(net_amount) over (partition by month_of(booked_on) order by booked_on)) as month_amount,
    money(sum(net_amount) over (order by booked_on)) as cumulative_amount
from days
order by booked_on
