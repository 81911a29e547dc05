-- Title:   Обычное время до шага
-- Meaning: Медиана дней от заявки до замера/КП, до договора и до отказа по всем заявкам, которые до этого шага
--          дошли; по ней когорта моложе этого срока помечается как незрелая.
-- Grain:   step
-- Date:    за всё время
-- Reads:   core.deals
-- Columns:
--   step        | hidden  | Код шага
--   label       | text    | Шаг
--   leads       | integer | Дошло заявок
--   median_days | number  | Медиана, дней
-- Drill:
--   from core.deals as deals cross join (values ('measure'), ('contract'), ('lost')) as steps (step)
--   where deals.is_sale and not deals.is_deleted and case steps.step
--   when 'measure' then deals.measure_on when 'contract' then deals.contract_reached_on
--   else if(deals.is_lost, deals.lost_on, null) end is not null
--   step  = steps.step
--   leads = count(*)

with leads as (

    select
        measure_on - lead_on as measure,
        contract_reached_on - lead_on as contract,
        if(is_lost, lost_on - lead_on, null) as lost
    from core.deals
    where is_sale and not is_deleted

),

steps as (

    select 'measure' as step, 'Замер/КП' as label, measure as days from leads
    union all
    select 'contract' as step, 'Договор' as label, contract as days from leads
    union all
    select 'lost' as step, 'Отказ' as label, lost as days from leads

)

select
    step,
    label,
    count(days) as leads,
    cast(median(greatest(days, 0)) filter (days is not null) as decimal(9, 1)) as median_days
from steps
group by step, label
order by array_position(['measure', 'contract', 'lost'], step)
