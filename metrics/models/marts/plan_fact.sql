-- Title:   План и факт
-- Meaning: Факт по сегодня включительно рядом с планом: первым, действующим и средневзвешенным по рабочим дням, когда
--          план меняли; договоры с датой после сегодня стоят рядом и в выполнение не входят; прогноз — факт, делённый
--          на прошедшие рабочие дни и умноженный на все; сколько осталось (план выполнен — 0) и сколько нужно в рабочий день. Где плана
--          нет, пусто.
-- Grain:   month, manager_id, whom, measure
-- Date:    оборот и договоры — дата договора, поступления — дата платежа, прибыль — дата договора
-- Reads:   core.plans, core.users, mart.profit_credits, mart.receipt_credits, mart.turnover_credits, mart.working_days
-- Columns:
--   month         | month   | Месяц
--   manager_id    | hidden  | Номер менеджера
--   whom          | text    | Кто
--   code          | hidden  | Код показателя
--   measure       | text    | Показатель
--   fact          | by_row  | Факт
--   ahead         | by_row  | Внесено вперёд
--   first_plan    | by_row  | Первый план
--   current_plan  | by_row  | Действующий план
--   prorata_plan  | by_row  | План по рабочим дням
--   versions      | integer | Версий плана
--   attainment    | percent | Выполнение
--   prorata_rate  | percent | Выполнение плана по дням
--   run_rate      | by_row  | Прогноз на месяц
--   gap           | by_row  | Осталось до плана
--   needed        | by_row  | Нужно в рабочий день
--   passed_days   | integer | Прошло рабочих дней
--   working_days  | integer | Всего рабочих дней
--   format        | hidden  | Вид числа
-- Drill:
--   from mart.turnover_credits as entries
--   month      = month_of(entries.booked_on)
--   manager_id = entries.manager_id
--   measure    = 'Чистый оборот'
--   fact       = sum(if(entries.booked_on <= getvariable('today'), entries.amount, 0))
--   ahead      = sum(if(entries.booked_on > getvariable('today'), entries.amount, 0))
--   from mart.turnover_credits as entries
--   month      = month_of(entries.booked_on)
--   manager_id = cast(null as bigint)
--   measure    = 'Чистый оборот'
--   fact       = sum(if(entries.booked_on <= getvariable('today'), entries.amount, 0))
--   ahead      = sum(if(entries.booked_on > getvariable('today'), entries.amount, 0))
--   from mart.turnover_credits as entries
--   month      = month_of(entries.booked_on)
--   manager_id = entries.manager_id
--   measure    = 'Договоры'
--   fact       = count(*) filter (entries.is_main and entries.kind = 'signed' and entries.booked_on <= getvariable('today'))
--   ahead      = count(*) filter (entries.is_main and entries.kind = 'signed' and entries.booked_on > getvariable('today'))
--   from mart.turnover_credits as entries
--   month      = month_of(entries.booked_on)
--   manager_id = cast(null as bigint)
--   measure    = 'Договоры'
--   fact       = count(*) filter (entries.is_main and entries.kind = 'signed' and entries.booked_on <= getvariable('today'))
--   ahead      = count(*) filter (entries.is_main and entries.kind = 'signed' and entries.booked_on > getvariable('today'))
--   from mart.receipt_credits as parts
--   month      = parts.month
--   manager_id = parts.manager_id
--   measure    = 'Поступления'
--   fact       = sum(parts.amount)
--   from mart.receipt_credits as parts
--   month      = parts.month
--   manager_id = cast(null as bigint)
--   measure    = 'Поступления'
--   fact       = sum(parts.amount)
--   from mart.profit_credits as deals
--   month      = month_of(deals.contract_on)
--   manager_id = deals.manager_id
--   measure    = 'Валовая прибыль'
--   fact       = sum(deals.profit_amount) filter (deals.contract_on <= getvariable('today'))
--   ahead      = sum(deals.profit_amount) filter (deals.contract_on > getvariable('today'))
--   from mart.profit_credits as deals
--   month      = month_of(deals.contract_on)
--   manager_id = cast(null as bigint)
--   measure    = 'Валовая прибыль'
--   fact       = sum(deals.profit_amount) filter (deals.contract_on <= getvariable('today'))
--   ahead      = sum(deals.profit_amount) filter (deals.contract_on > getvariable('today'))

with signed as (

    select
        month_of(booked_on) as month,
        manager_id,
        sum(if(booked_on <= getvariable('today'), amount, 0)) as turnover,
        sum(if(booked_on > getvariable('today'), amount, 0)) as turnover_ahead,
        count(*) filter (is_main and kind = 'signed' and booked_on <= getvariable('today')) as contracts,
        count(*) filter (is_main and kind = 'signed' and booked_on > getvariable('today')) as contracts_ahead
    from mart.turnover_credits
    group by all

),

facts as (

    select month, manager_id, 'turnover' as measure, turnover as fact, turnover_ahead as ahead, false as is_all_ahead
    from signed
    union all
    select month, manager_id, 'contracts' as measure, contracts as fact, contracts_ahead as ahead, false as is_all_ahead
    from signed
    union all
    select month, manager_id, 'receipts' as measure, amount as fact, null as ahead, false as is_all_ahead
    from mart.receipt_credits
    union all
    -- No profit is known as long as none of the deals has all of its costs; a deal that is only to come is no such deal.
    select
        month_of(contract_on) as month,
        manager_id,
        'gross_profit' as measure,
        sum(profit_amount) filter (contract_on <= getvariable('today')) as fact,
        sum(profit_amount) filter (contract_on > getvariable('today')) as ahead,
        min(contract_on) > getvariable('today') as is_all_ahead
    from mart.profit_credits
    group by all

),

lines as (

    select
        month,
        false as is_company,
        manager_id,
        '' as stranger,
        measure,
        if(bool_and(is_all_ahead), 0, sum(fact)) as fact,
        sum(ahead) as ahead
    from facts
    group by all
    union all
    select
        month,
        true as is_company,
        null as manager_id,
        '' as stranger,
        measure,
        if(bool_and(is_all_ahead), 0, sum(fact)) as fact,
        sum(ahead) as ahead
    from facts
    group by all

),

versions as (

    select
        month,
        whom = '' as is_company,
        manager_id,
        if(manager_id is null, whom, '') as stranger,
        measure,
        version,
        valid_from,
        amount
    from core.plans

),

in_force as (

    select
        versions.month,
        versions.is_company,
        versions.manager_id,
        versions.stranger,
        versions.measure,
        days.on_day,
        coalesce(
            arg_max(versions.amount, versions.version) filter (versions.valid_from <= days.on_day),
            arg_min(versions.amount, versions.version)
        ) as amount
    from versions
    inner join mart.working_days as days on versions.month = days.month and days.is_working
    group by all

),

weighted as (

    select month, is_company, manager_id, stranger, measure, average(sum(amount), count(*)) as prorata_plan
    from in_force
    group by all

),

plans as (

    select
        versions.month,
        versions.is_company,
        versions.manager_id,
        versions.stranger,
        versions.measure,
        arg_min(versions.amount, versions.version) as first_plan,
        coalesce(
            arg_max(versions.amount, versions.version) filter (versions.valid_from <= getvariable('today')),
            arg_min(versions.amount, versions.version)
        ) as current_plan,
        any_value(weighted.prorata_plan) as prorata_plan,
        count(*) as versions
    from versions
    left join weighted
        on
            versions.month = weighted.month
            and versions.is_company = weighted.is_company
            and versions.manager_id is not distinct from weighted.manager_id
            and versions.stranger = weighted.stranger
            and versions.measure = weighted.measure
    group by all

),

months as (

    select
        month,
        count(*) filter (is_working) as working_days,
        count(*) filter (is_working and on_day <= getvariable('today')) as passed_days,
        count(*) filter (is_working and on_day > getvariable('today')) as left_days
    from mart.working_days
    group by month

),

compared as (

    select
        coalesce(lines.month, plans.month) as month,
        coalesce(lines.is_company, plans.is_company) as is_company,
        coalesce(lines.manager_id, plans.manager_id) as manager_id,
        coalesce(lines.stranger, plans.stranger) as stranger,
        coalesce(lines.measure, plans.measure) as measure,
        if(lines.month is null and plans.stranger = '', 0, lines.fact) as fact,
        lines.ahead,
        plans.first_plan,
        plans.current_plan,
        plans.prorata_plan,
        plans.versions
    from lines
    full join plans
        on
            lines.month = plans.month
            and lines.is_company = plans.is_company
            and lines.manager_id is not distinct from plans.manager_id
            and lines.stranger = plans.stranger
            and lines.measure = plans.measure

)

select
    compared.month,
    compared.manager_id,
    case
        when compared.is_company then 'компания'
        when compared.stranger <> '' then compared.stranger
        else person(users.name, compared.manager_id)
    end as whom,
    compared.measure as code,
    case compared.measure
        when 'turnover' then 'Чистый оборот'
        when 'receipts' then 'Поступления'
        when 'contracts' then 'Договоры'
        else 'Валовая прибыль'
    end as measure,

    any_figure(compared.fact) as fact,
    any_figure(nullif(compared.ahead, 0)) as ahead,
    any_figure(compared.first_plan) as first_plan,
    any_figure(compared.current_plan) as current_plan,
    any_figure(compared.prorata_plan) as prorata_plan,
    compared.versions,
    share(compared.fact, compared.current_plan) as attainment,
    share(compared.fact, compared.prorata_plan) as prorata_rate,
    any_figure(
        if(
            compared.month = month_of(getvariable('today')),
            average(compared.fact * months.working_days, months.passed_days),
            null
        )
    ) as run_rate,
    any_figure(if(compared.fact > compared.current_plan, 0, compared.current_plan - compared.fact)) as gap,
    any_figure(
        if(
            compared.month >= month_of(getvariable('today')) and compared.current_plan - compared.fact is not null,
            average(greatest(compared.current_plan - compared.fact, 0), months.left_days),
            null
        )
    ) as needed,
    months.passed_days,
    months.working_days,
    if(compared.measure = 'contracts', 'integer', 'money') as format
from compared
left join months on compared.month = months.month
left join core.users as users on compared.manager_id = users.user_id
order by compared.month, compared.is_company desc, compared.manager_id, whom, compared.measure
