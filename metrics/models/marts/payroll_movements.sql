-- Title:   Движения, за которые платят
-- Meaning: Что случилось со сделкой такого, за что по правилам оплаты начисляют или возвращают начисленное: договор и его
--          изменения, подтверждённый платёж, акт, прибыль, замер, монтаж; расторжение возвращает всё до копейки.
-- Grain:   base, deal_id, seq
-- Date:    дата события
-- Reads:   core.costs, core.deals, core.pay_rules, core.payments, core.stage_entries, core.turnover_entries,
--          mart.payroll_overheads
-- Refresh: deal_id
-- Columns:
--   base       | hidden  | Код основания
--   deal_id    | deal    | Сделка
--   seq        | integer | Номер
--   on_day     | date    | Дата
--   kind       | hidden  | Вид движения
--   manager_id | hidden  | Номер менеджера
--   amount     | money   | База
-- Drill:
--   from core.turnover_entries as entries
--   inner join mart.payroll_movements as moves on entries.deal_id = moves.deal_id
--   where moves.base = 'contract' and moves.seq = 1
--   base    = moves.base
--   deal_id = entries.deal_id
--   amount  = sum(entries.amount)
--   from core.payments as payments
--   inner join mart.payroll_movements as moves on payments.deal_id = moves.deal_id
--   inner join core.deals as deals on payments.deal_id = deals.deal_id
--   where moves.base = 'paid' and moves.seq = 1 and payments.is_confirmed and payments.paid_on <= getvariable('today')
--   base    = moves.base
--   deal_id = payments.deal_id
--   amount  = sum(if(deals.is_cancelled, 0, payments.amount))
--   from core.deals as deals
--   inner join mart.payroll_movements as moves on deals.deal_id = moves.deal_id
--   where moves.base in ('closed_act', 'gross_profit', 'net_profit', 'installation') and moves.seq = 1
--   base    = moves.base
--   deal_id = deals.deal_id
--   amount  = sum(
--       case when moves.base = 'installation' then 1 when deals.is_cancelled then 0 else deals.contract_amount end)
--   from core.costs as costs
--   inner join mart.payroll_movements as moves on costs.deal_id = moves.deal_id
--   inner join core.deals as deals on costs.deal_id = deals.deal_id
--   where moves.base in ('gross_profit', 'net_profit') and moves.seq = 1
--   base    = moves.base
--   deal_id = costs.deal_id
--   amount  = -sum(if(deals.is_cancelled, 0, costs.amount))
--   from mart.payroll_overheads as overheads
--   inner join mart.payroll_movements as moves on overheads.deal_id = moves.deal_id
--   inner join core.deals as deals on overheads.deal_id = deals.deal_id
--   where moves.base = 'net_profit' and moves.seq = 1
--   base    = moves.base
--   deal_id = overheads.deal_id
--   amount  = -sum(if(deals.is_cancelled, 0, overheads.amount))
--   from core.stage_entries as entries
--   inner join mart.payroll_movements as moves on entries.deal_id = moves.deal_id
--   where moves.base = 'measurement' and moves.seq = 1
--       and entries.step = 'measure' and entries.entered_on <= getvariable('today')
--   base    = moves.base
--   deal_id = entries.deal_id
--   amount  = count(distinct entries.deal_id)

with asked as (

    select distinct base from core.pay_rules

),

-- Only what some rule pays for is looked for at all.
deals as (

    select * from core.deals where is_sale and exists (from asked where base <> 'fixed')

),

voids as (

    select deal_id, booked_on as on_day, seq, kind
    from core.turnover_entries
    where kind in ('cancelled', 'resumed') and exists (from asked where base <> 'fixed')

),

contracts as (

    select
        'contract' as base,
        entries.deal_id,
        entries.booked_on as on_day,
        entries.seq as place,
        case entries.kind when 'signed' then 'accrued' else entries.kind end as kind,
        entries.manager_id,
        entries.amount
    from core.turnover_entries as entries
    inner join deals on entries.deal_id = deals.deal_id
    where exists (from asked where base = 'contract')

),

-- Money counts from the signing on and while the contract stands: calling it off takes back all that was received.
money_moves as (

    select
        payments.deal_id,
        greatest(payments.paid_on, deals.contract_on) as on_day,
        payments.seq as place,
        if(payments.amount < 0, 'refund', 'accrued') as kind,
        payments.amount,
        null as is_void
    from core.payments as payments
    inner join deals on payments.deal_id = deals.deal_id
    where payments.is_confirmed
        and payments.amount is not null
        and payments.paid_on <= getvariable('today')
        and deals.is_signed
        and exists (from asked where base = 'paid')
    union all
    select deal_id, on_day, 1000000 + seq, kind, 0, kind = 'cancelled'
    from voids
    where exists (from asked where base = 'paid')

),

held as (

    select
        *,
        if(
            coalesce(last_value(is_void ignore nulls) over chain, false), 0, sum(amount) over chain
        ) as held_amount
    from money_moves
    window chain as (
        partition by deal_id order by on_day, place rows between unbounded preceding and current row
    )

),

receipts as (

    select
        'paid' as base,
        held.deal_id,
        held.on_day,
        held.place,
        held.kind,
        coalesce(deals.contract_manager_id, deals.owner_id) as manager_id,
        money(
            held.held_amount
            - lag(held.held_amount, 1, 0) over (partition by held.deal_id order by held.on_day, held.place)
        ) as amount
    from held
    inner join deals on held.deal_id = deals.deal_id

),

costs as (

    select deal_id, sum(amount) as amount
    from core.costs
    where exists (from asked where base in ('gross_profit', 'net_profit'))
    group by deal_id
    having count(amount) = count(*)

),

overheads as (

    select deal_id, sum(amount) as amount
    from mart.payroll_overheads
    group by deal_id

),

profits as (

    select
        deals.deal_id,
        deals.contract_on,
        deals.contract_manager_id,
        deals.contract_amount - costs.amount as gross_amount,
        deals.contract_amount - costs.amount - coalesce(overheads.amount, 0) as net_amount
    from deals
    inner join costs on deals.deal_id = costs.deal_id
    left join overheads on deals.deal_id = overheads.deal_id
    where deals.is_signed and deals.contract_on is not null and deals.contract_amount > 0

),

-- What is earned on one day as a whole, and goes and comes back with the contract. A loss earns nothing.
earned as (

    select 'closed_act' as base, deal_id, act_on as on_day, contract_manager_id, contract_amount as amount
    from deals
    where is_signed
        and act_on <= getvariable('today')
        and exists (from asked where base = 'closed_act')
    union all
    select 'gross_profit', deal_id, contract_on, contract_manager_id, gross_amount
    from profits
    where gross_amount > 0 and exists (from asked where base = 'gross_profit')
    union all
    select 'net_profit', deal_id, contract_on, contract_manager_id, net_amount
    from profits
    where net_amount > 0 and exists (from asked where base = 'net_profit')

),

earnings as (

    select base, deal_id, on_day, 0 as place, 'accrued' as kind, contract_manager_id as manager_id, amount
    from earned
    where not exists (
        select 1
        from voids
        where voids.deal_id = earned.deal_id and voids.on_day < earned.on_day
        having arg_max(voids.kind, voids.seq) = 'cancelled'
    )
    union all
    select
        earned.base, earned.deal_id, voids.on_day, voids.seq, voids.kind, earned.contract_manager_id,
        if(voids.kind = 'cancelled', -earned.amount, earned.amount)
    from earned
    inner join voids on earned.deal_id = voids.deal_id and voids.on_day >= earned.on_day

),

-- A measurement that was skipped, though passed on the way, was made by nobody.
measurements as (

    select
        'measurement' as base, deals.deal_id, min(entries.entered_on) as on_day, 0 as place, 'accrued' as kind,
        arg_min(entries.manager_id, entries.seq) as manager_id, 1 as amount
    from deals
    inner join core.stage_entries as entries on deals.deal_id = entries.deal_id
    where not deals.is_deleted
        and entries.step = 'measure'
        and entries.entered_on <= getvariable('today')
        and exists (from asked where base = 'measurement')
    group by all

),

installations as (

    select
        'installation' as base, deals.deal_id, deals.act_on as on_day, 0 as place, 'accrued' as kind,
        arg_max(entries.manager_id, entries.seq) as manager_id, 1 as amount
    from deals
    inner join core.stage_entries as entries
        on deals.deal_id = entries.deal_id and entries.entered_on <= deals.act_on
    where not deals.is_deleted
        and deals.is_signed
        and deals.act_on <= getvariable('today')
        and exists (from asked where base = 'installation')
    group by all

),

moves as (

    select * from contracts
    union all
    select * from receipts
    union all
    select * from earnings
    union all
    select * from measurements
    union all
    select * from installations

),

numbered as (

    select
        *,
        row_number() over (partition by base, deal_id order by on_day, place) as seq
    from moves
    where amount <> 0

)

-- What comes first is earned, whatever it is called: there is nothing before it to go by.
select
    base,
    deal_id,
    seq,
    on_day,
    if(seq = 1 and kind in ('changed', 'resumed'), 'accrued', kind) as kind,
    manager_id,
    money(amount) as amount
from numbered
order by base, deal_id, seq
