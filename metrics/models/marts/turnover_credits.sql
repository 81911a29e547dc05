-- Title:   Движения оборота по менеджерам
-- Meaning: Каждое подписание, изменение, расторжение и восстановление договора на том, кому оно принадлежит:
--          ответственному в момент договора или, если в сделке записаны доли, каждому по его доле.
-- Grain:   deal_id, seq, manager_id
-- Date:    дата движения
-- Reads:   core.deals, core.turnover_entries, mart.deal_credits
-- Refresh: deal_id
-- Columns:
--   deal_id    | deal   | Сделка
--   seq        | integer | Движение по счёту
--   kind       | text   | Вид
--   booked_on  | date   | Дата
--   manager_id | hidden | Номер менеджера
--   amount     | money  | Сумма
--   is_main    | hidden | Движение считается на этом менеджере
-- Drill:
--   from core.turnover_entries as entries
--   inner join core.deals as deals on entries.deal_id = deals.deal_id where deals.is_sale
--   deal_id = entries.deal_id
--   seq     = entries.seq
--   amount  = sum(entries.amount)

with entries as (

    select entries.*
    from core.turnover_entries as entries
    inner join core.deals as deals on entries.deal_id = deals.deal_id
    where deals.is_sale

),

shared as (

    select
        {'deal_id': entries.deal_id, 'seq': entries.seq} as basket,
        credits.manager_id as line,
        credits.weight,
        entries.amount,
        entries.kind,
        entries.booked_on,
        credits.is_main
    from entries
    inner join mart.deal_credits as credits on entries.deal_id = credits.deal_id

)

select
    entries.deal_id,
    entries.seq,
    entries.kind,
    entries.booked_on,
    entries.manager_id,
    entries.amount,
    true as is_main
from entries
where entries.deal_id not in (select deal_id from mart.deal_credits)
union all
select
    shared.basket.deal_id,
    shared.basket.seq,
    shared.kind,
    shared.booked_on,
    shared.line,
    parts.share,
    shared.is_main
from shared
inner join divided('shared') as parts on shared.basket = parts.basket and shared.line = parts.line
order by deal_id, seq, manager_id
