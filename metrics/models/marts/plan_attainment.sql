-- Title:   Выполнение планов для ступеней оплаты
-- Meaning: План менеджера на месяц в последней версии и факт к нему — по той величине, от которой платят; где для неё плана
--          нет, по обороту.
-- Grain:   month, manager_id, base
-- Date:    дата договора; для поступлений — дата платежа
-- Reads:   core.deal_shares, core.deals, core.pay_rules, core.payments, core.plans, core.turnover_entries,
--          mart.profit_by_deal
-- Columns:
--   month       | month  | Месяц
--   manager_id  | hidden | Номер менеджера
--   base        | hidden | Код основания
--   measure     | hidden | Величина плана
--   plan_amount | money  | План
--   fact_amount | money  | Факт

with plans as (

    select month, manager_id, measure, arg_max(amount, version) as plan_amount
    from core.plans
    where manager_id is not null and exists (from core.pay_rules where tier_from > 0)
    group by month, manager_id, measure

),

facts as (

    select
        'turnover' as measure, entries.booked_on as on_day, entries.deal_id, entries.manager_id,
        entries.amount
    from core.turnover_entries as entries
    inner join core.deals as deals on entries.deal_id = deals.deal_id
    where deals.is_sale and exists (from plans)
    union all
    select
        'receipts', payments.paid_on, payments.deal_id,
        coalesce(deals.contract_manager_id, deals.owner_id), payments.amount
    from core.payments as payments
    inner join core.deals as deals on payments.deal_id = deals.deal_id
    where deals.is_sale
        and payments.is_confirmed
        and payments.paid_on <= getvariable('today')
        and exists (from plans where measure = 'receipts')
    union all
    select 'gross_profit', contract_on, deal_id, manager_id, profit_amount
    from mart.profit_by_deal
    where exists (from plans where measure = 'gross_profit')

),

credited as (

    select
        month_of(facts.on_day) as month,
        facts.measure,
        coalesce(shares.manager_id, facts.manager_id) as manager_id,
        sum(facts.amount * coalesce(shares.share, 1)) as fact_amount
    from facts
    left join core.deal_shares as shares on facts.deal_id = shares.deal_id and shares.role = ''
    group by all

),

preferred (base, measure) as (

    values ('contract', 'turnover'), ('closed_act', 'turnover'), ('paid', 'receipts'),
        ('gross_profit', 'gross_profit'), ('net_profit', 'gross_profit')

),

chosen as (

    select
        plans.month,
        plans.manager_id,
        preferred.base,
        arg_max(plans.measure, plans.measure = preferred.measure) as measure,
        arg_max(plans.plan_amount, plans.measure = preferred.measure) as plan_amount
    from plans
    inner join preferred on plans.measure in (preferred.measure, 'turnover')
    group by plans.month, plans.manager_id, preferred.base

)

select
    chosen.month,
    chosen.manager_id,
    chosen.base,
    chosen.measure,
    money(chosen.plan_amount) as plan_amount,
    money(coalesce(credited.fact_amount, 0)) as fact_amount
from chosen
left join credited
    on chosen.month = credited.month
    and chosen.manager_id = credited.manager_id
    and chosen.measure = credited.measure
order by chosen.month, chosen.manager_id, chosen.base
