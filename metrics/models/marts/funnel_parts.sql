-- Title:   Слагаемые воронки
-- Meaning: Заявки месяца и их судьба, события месяца — для каждого сочетания источника, менеджера и продукта;
--          из них сложены все воронки. Менеджер заявки — кто сделал первый звонок, менеджер события —
--          кто отвечал за сделку в тот момент.
-- Grain:   month, source, manager_id, product
-- Date:    когорта — дата заявки, события — дата события
-- Reads:   core.deals, core.stage_entries
-- Columns:
--   month          | month   | Месяц
--   source         | text    | Источник
--   manager_id     | hidden  | Номер менеджера
--   product        | text    | Продукт
--   leads          | integer | Заявки
--   measure_leads  | integer | Дошли до замера/КП
--   contract_leads | integer | Дошли до договора
--   lost_leads     | integer | Сейчас в отказе
--   measures       | integer | Замеры/КП за месяц
--   contracts      | integer | Договоры за месяц
--   losses         | integer | Отказы за месяц
--   returns        | integer | Возвраты из отказа за месяц
-- Drill:
--   from core.deals as deals where deals.is_sale and not deals.is_deleted and deals.lead_on is not null
--   month          = month_of(deals.lead_on)
--   source         = filled(deals.source)
--   manager_id     = deals.lead_manager_id
--   product        = filled(deals.product)
--   leads          = count(*)
--   measure_leads  = count(deals.measure_on)
--   contract_leads = count(deals.contract_reached_on)
--   lost_leads     = count(*) filter (deals.is_lost)
--   from core.deals as deals where deals.is_sale and not deals.is_deleted and deals.measure_on is not null
--   month      = month_of(deals.measure_on)
--   source     = filled(deals.source)
--   manager_id = deals.measure_manager_id
--   product    = filled(deals.product)
--   measures   = count(*)
--   from core.deals as deals where deals.is_sale and not deals.is_deleted and deals.contract_reached_on is not null
--   month      = month_of(deals.contract_reached_on)
--   source     = filled(deals.source)
--   manager_id = deals.contract_reached_manager_id
--   product    = filled(deals.product)
--   contracts  = count(*)
--   from core.stage_entries as entries
--   inner join core.deals as deals on entries.deal_id = deals.deal_id
--   where deals.is_sale and not deals.is_deleted
--   and (entries.step = 'lost') <> coalesce(entries.previous_step = 'lost', false)
--   month      = month_of(entries.entered_on)
--   source     = filled(deals.source)
--   manager_id = entries.manager_id
--   product    = filled(deals.product)
--   losses     = count(*) filter (entries.step = 'lost')
--   returns    = count(*) filter (entries.step <> 'lost')

with leads as (

    select
        *,
        filled(source) as shown_source,
        filled(product) as shown_product
    from core.deals
    where is_sale and not is_deleted

),

cohorts as (

    select
        month_of(lead_on) as month,
        shown_source as source,
        lead_manager_id as manager_id,
        shown_product as product,
        count(*) as leads,
        count(measure_on) as measure_leads,
        count(contract_reached_on) as contract_leads,
        count(*) filter (is_lost) as lost_leads
    from leads
    where lead_on is not null
    group by all

),

measures as (

    select
        month_of(measure_on) as month,
        shown_source as source,
        measure_manager_id as manager_id,
        shown_product as product,
        count(*) as measures
    from leads
    where measure_on is not null
    group by all

),

contracts as (

    select
        month_of(contract_reached_on) as month,
        shown_source as source,
        contract_reached_manager_id as manager_id,
        shown_product as product,
        count(*) as contracts
    from leads
    where contract_reached_on is not null
    group by all

),

refusals as (

    select
        month_of(entries.entered_on) as month,
        leads.shown_source as source,
        entries.manager_id as manager_id,
        leads.shown_product as product,
        count(*) filter (entries.step = 'lost') as losses,
        count(*) filter (entries.step <> 'lost') as returns
    from core.stage_entries as entries
    inner join leads on entries.deal_id = leads.deal_id
    -- In or out of lost, but not from one lost status to another. Said as «either … or …» with
    -- `is distinct from`, DuckDB 1.5.5 finds no row at all while every previous step is null.
    where (entries.step = 'lost') <> coalesce(entries.previous_step = 'lost', false)
    group by all

),

parts as (

    select * from cohorts
    union all by name
    select * from measures
    union all by name
    select * from contracts
    union all by name
    select * from refusals

)

select
    month,
    source,
    manager_id,
    product,
    whole(coalesce(sum(leads), 0)) as leads,
    whole(coalesce(sum(measure_leads), 0)) as measure_leads,
    whole(coalesce(sum(contract_leads), 0)) as contract_leads,
    whole(coalesce(sum(lost_leads), 0)) as lost_leads,
    whole(coalesce(sum(measures), 0)) as measures,
    whole(coalesce(sum(contracts), 0)) as contracts,
    whole(coalesce(sum(losses), 0)) as losses,
    whole(coalesce(sum(returns), 0)) as returns
from parts
group by month, source, manager_id, product
order by month, source, manager_id, product
