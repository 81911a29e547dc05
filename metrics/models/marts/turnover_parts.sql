-- Title:   Слагаемые оборота
-- Meaning: Подписания, изменения сумм, расторжения и восстановления договоров — для каждого сочетания источника
--          и менеджера; из них сложены все обороты. Менеджер — ответственный в момент договора; если в сделке записаны
--          доли, сумма разделена по ним, а сам договор считается на том, чья доля больше.
-- Grain:   month, source, manager_id
-- Date:    дата договора; изменения, расторжения и восстановления — своя дата
-- Reads:   core.deals, mart.turnover_credits
-- Equals:  net_amount = mart.turnover_credits.amount by month = month_of(booked_on), manager_id
-- Columns:
--   month               | month   | Месяц
--   source              | text    | Источник
--   manager_id          | hidden  | Номер менеджера
--   contracts           | integer | Подписано договоров
--   priced_contracts    | integer | Из них с суммой
--   without_amount      | integer | Нет суммы
--   signed_amount       | money   | Подписано
--   changed_amount      | money   | Изменения сумм
--   cancelled_contracts | integer | Расторгнуто договоров
--   cancelled_amount    | money   | Расторгнуто
--   resumed_amount      | money   | Восстановлено
--   net_amount          | money   | Чистый оборот
-- Drill:
--   from mart.turnover_credits as entries
--   inner join core.deals as deals on entries.deal_id = deals.deal_id
--   month               = month_of(entries.booked_on)
--   source              = filled(deals.source)
--   manager_id          = entries.manager_id
--   contracts           = count(*) filter (entries.is_main and entries.kind = 'signed')
--   signed_amount       = sum(entries.amount) filter (entries.kind = 'signed')
--   changed_amount      = sum(entries.amount) filter (entries.kind = 'changed')
--   cancelled_contracts = count(*) filter (entries.is_main and entries.kind = 'cancelled')
--   cancelled_amount    = sum(entries.amount) filter (entries.kind = 'cancelled')
--   resumed_amount      = sum(entries.amount) filter (entries.kind = 'resumed')
--   net_amount          = sum(entries.amount)

with deals as (

    select deal_id, filled(source) as source, contract_amount
    from core.deals

)

select
    month_of(entries.booked_on) as month,
    deals.source,
    entries.manager_id as manager_id,

    count(*) filter (entries.is_main and entries.kind = 'signed') as contracts,
    count(*) filter (entries.is_main and entries.kind = 'signed' and entries.amount <> 0) as priced_contracts,
    count(*) filter (
        entries.is_main and entries.kind = 'signed' and coalesce(deals.contract_amount, 0) = 0
    ) as without_amount,
    money(coalesce(sum(entries.amount) filter (entries.kind = 'signed'), 0)) as signed_amount,
    money(coalesce(sum(entries.amount) filter (entries.kind = 'changed'), 0)) as changed_amount,
    count(*) filter (entries.is_main and entries.kind = 'cancelled') as cancelled_contracts,
    money(coalesce(sum(entries.amount) filter (entries.kind = 'cancelled'), 0)) as cancelled_amount,
    money(coalesce(sum(entries.amount) filter (entries.kind = 'resumed'), 0)) as resumed_amount,
    money(sum(entries.amount)) as net_amount
from mart.turnover_credits as entries
inner join deals on entries.deal_id = deals.deal_id
group by all
order by month, source, manager_id
