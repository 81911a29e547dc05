-- Title:   Оборот по актам: движения
-- Meaning: Те же движения договора, отнесённые на день, когда работа сдана: день акта, а без него — день перехода в
--          «Успешно реализовано»; изменения и расторжения после сдачи стоят в своём дне, до сдачи — в дне сдачи.
-- Grain:   deal_id, seq
-- Date:    дата акта; изменения и расторжения после него — своя дата
-- Reads:   core.deals, core.turnover_entries
-- Refresh: deal_id
-- Columns:
--   deal_id   | deal    | Сделка
--   seq       | integer | Движение по счёту
--   booked_on | date    | Дата договора или движения
--   acted_on  | date    | Дата по акту
--   amount    | money   | Сумма
-- Drill:
--   from core.turnover_entries as entries
--   inner join core.deals as deals on entries.deal_id = deals.deal_id
--   where deals.is_sale and coalesce(deals.act_on, deals.won_on) <= getvariable('today')
--   deal_id = entries.deal_id
--   seq     = entries.seq
--   amount  = sum(entries.amount)

select
    entries.deal_id,
    entries.seq,
    entries.booked_on,
    if(
        entries.kind = 'signed',
        coalesce(deals.act_on, deals.won_on),
        greatest(coalesce(deals.act_on, deals.won_on), entries.booked_on)
    ) as acted_on,
    entries.amount
from core.turnover_entries as entries
inner join core.deals as deals on entries.deal_id = deals.deal_id
where deals.is_sale and coalesce(deals.act_on, deals.won_on) <= getvariable('today')
order by entries.deal_id, entries.seq
