-- Title:   Воронка по источникам
-- Meaning: Две конверсии рядом: по когорте — что стало с заявками, пришедшими в этом месяце, и по событиям
--          — что произошло за месяц, когда бы заявка ни пришла; дошедшие — побывавшие на этом шаге или
--          дальше. Источник — первое записанное в сделке значение.
-- Grain:   month, source
-- Date:    когорта — дата заявки, события — дата события
-- Reads:   mart.funnel_parts, mart.step_medians
-- Equals:  leads = mart.funnel_by_month.leads by month
--          measures = mart.funnel_by_month.measures by month
--          contracts = mart.funnel_by_month.contracts by month
--          losses = mart.funnel_by_month.losses by month
-- Total:   leads, measure_leads, contract_leads, lost_leads, measures, contracts, losses, returns
--          measure_rate = measure_leads / leads
--          contract_rate = contract_leads / leads
--          measure_contract_rate = contract_leads / measure_leads
--          lost_rate = lost_leads / leads
--          measures_rate = measures / leads
--          contracts_rate = contracts / leads
--          losses_rate = losses / leads
-- Coverage: заявки созрели для договора = leads where contract_note is distinct from 'незрелая' / leads
--          источник заполнен = leads where source <> 'не заполнено' / leads
-- Columns:
--   month                 | month   | Месяц
--   source                | text    | Источник
--   leads                 | integer | Заявки
--   measure_leads         | integer | Дошли до замера/КП
--   measure_rate          | percent | Конверсия в замер/КП
--   measure_note          | text    | Замер/КП: зрелость
--   contract_leads        | integer | Дошли до договора
--   contract_rate         | percent | Конверсия в договор
--   contract_note         | text    | Договор: зрелость
--   measure_contract_rate | percent | Из замера/КП в договор
--   lost_leads            | integer | Сейчас в отказе
--   lost_rate             | percent | Конверсия в отказ
--   lost_note             | text    | Отказ: зрелость
--   measures              | integer | Замеры/КП за месяц
--   measures_rate         | percent | Замеры/КП к заявкам месяца
--   contracts             | integer | Договоры за месяц
--   contracts_rate        | percent | Договоры к заявкам месяца
--   losses                | integer | Отказы за месяц
--   losses_rate           | percent | Отказы к заявкам месяца
--   returns               | integer | Возвраты из отказа
-- Drill:
--   from mart.funnel_parts as parts
--   month          = parts.month
--   source         = parts.source
--   leads          = sum(parts.leads)
--   measure_leads  = sum(parts.measure_leads)
--   measure_rate   = share(sum(parts.measure_leads), sum(parts.leads))
--   contract_leads = sum(parts.contract_leads)
--   contract_rate  = share(sum(parts.contract_leads), sum(parts.leads))
--   lost_leads     = sum(parts.lost_leads)
--   lost_rate      = share(sum(parts.lost_leads), sum(parts.leads))
--   measures       = sum(parts.measures)
--   contracts      = sum(parts.contracts)
--   losses         = sum(parts.losses)
--   returns        = sum(parts.returns)

with parts as (

    select
        month,
        source,
        whole(sum(leads)) as leads,
        whole(sum(measure_leads)) as measure_leads,
        whole(sum(contract_leads)) as contract_leads,
        whole(sum(lost_leads)) as lost_leads,
        whole(sum(measures)) as measures,
        whole(sum(contracts)) as contracts,
        whole(sum(losses)) as losses,
        whole(sum(returns)) as returns
    from mart.funnel_parts
    group by month, source

),

usual as (

    select
        max(median_days) filter (step = 'measure') as measure_days,
        max(median_days) filter (step = 'contract') as contract_days,
        max(median_days) filter (step = 'lost') as lost_days
    from mart.step_medians

)

select
    month,
    source,
    leads,

    measure_leads,
    share(measure_leads, leads) as measure_rate,
    if(leads > 0, maturity(month, usual.measure_days), null) as measure_note,
    contract_leads,
    share(contract_leads, leads) as contract_rate,
    if(leads > 0, maturity(month, usual.contract_days), null) as contract_note,
    share(contract_leads, measure_leads) as measure_contract_rate,
    lost_leads,
    share(lost_leads, leads) as lost_rate,
    if(leads > 0, maturity(month, usual.lost_days), null) as lost_note,

    measures,
    share(measures, leads) as measures_rate,
    contracts,
    share(contracts, leads) as contracts_rate,
    losses,
    share(losses, leads) as losses_rate,
    returns
from parts
cross join usual
order by month, source
