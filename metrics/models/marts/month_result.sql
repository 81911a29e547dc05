-- Title:   В плюсе или в минусе на сегодня
-- Meaning: Этот месяц по дням нарастающим итогом: валовая прибыль подписанных договоров минус общие расходы и реклама
--          пропорционально прошедшим дням и начисленная зарплата: оклад — по рабочим дням, поправка за закрытый месяц —
--          первым числом, прочее — своим днём; записанная в расходах зарплата второй раз не вычитается. Пока ни у одного
--          договора не заполнены все расходы, прибыль неизвестна и пуста. Первый день без минуса — точка безубыточности.
-- Grain:   on_day
-- Date:    договоры — дата договора, расходы — по дням месяца
-- Reads:   mart.counted_overheads, mart.payroll_lines, mart.payroll_salaries, mart.profit_and_loss, mart.profit_by_deal,
--          mart.working_days
-- Columns:
--   on_day           | date    | День
--   deals            | integer | Договоры
--   complete_deals   | integer | Прибыль известна
--   coverage         | text    | Полнота
--   profit_amount    | money   | Валовая прибыль
--   overheads_amount | money   | Общие расходы
--   ads_amount       | money   | Реклама
--   payroll_amount   | money   | Зарплата
--   result_amount    | money   | Результат
--   state            | text    | Состояние
-- Drill:
--   from mart.profit_by_deal as deals
--   inner join mart.month_result as days
--       on deals.contract_on between month_of(days.on_day) and days.on_day
--   on_day         = days.on_day
--   deals          = count(*)
--   complete_deals = count(*) filter (deals.is_complete)
--   profit_amount  = sum(deals.profit_amount)

with days as (

    select
        cast(
            unnest(generate_series(month_of(getvariable('today')), getvariable('today'), interval 1 day)) as date
        ) as on_day

),

contracts as (

    select
        contract_on as on_day,
        count(*) as deals,
        count(*) filter (is_complete) as complete_deals,
        sum(profit_amount) as profit_amount
    from mart.profit_by_deal
    where contract_on between month_of(getvariable('today')) and getvariable('today')
    group by contract_on

),

earned as (

    select on_day, sum(amount) as payroll_amount
    from mart.payroll_lines
    where
        month = month_of(getvariable('today'))
        and on_day <= getvariable('today')
        and (base <> 'fixed' or kind <> 'accrued')
    group by on_day

),

salaries as (

    select
        lines.seq,
        lines.manager_id,
        lines.amount,
        spans.first_on,
        spans.last_on
    from mart.payroll_lines as lines
    left join mart.payroll_salaries as spans
        on lines.month = spans.month and lines.manager_id = spans.manager_id and lines.rule_id = spans.rule_id
    where lines.month = month_of(getvariable('today')) and lines.base = 'fixed' and lines.kind = 'accrued'

),

-- What was worked ahead of its days, by the timesheet, stands on today.
salaries_so_far as (

    select
        days.on_day,
        coalesce(
            average(
                salaries.amount * count(working.on_day) filter (working.on_day <= days.on_day), count(working.on_day)
            ),
            if(days.on_day = getvariable('today'), salaries.amount, 0)
        ) as amount
    from days
    cross join salaries
    left join mart.working_days as working
        on working.is_working and working.on_day between salaries.first_on and salaries.last_on
    group by days.on_day, salaries.manager_id, salaries.seq, salaries.amount

),

salaries_by_day as (

    select on_day, sum(amount) as amount
    from salaries_so_far
    group by on_day

),

spent as (

    select
        coalesce(sum(typed_amount) filter (not is_wages), 0) as other_amount,
        coalesce(sum(typed_amount) filter (is_wages), 0) as wages_amount,
        (
            select coalesce(sum(ads_amount), 0)
            from mart.profit_and_loss
            where month = month_of(getvariable('today'))
        ) as ads_amount
    from mart.counted_overheads
    where month = month_of(getvariable('today'))

),

sums as (

    select
        days.on_day,
        whole(coalesce(sum(contracts.deals) over so_far, 0)) as deals,
        whole(coalesce(sum(contracts.complete_deals) over so_far, 0)) as complete_deals,
        coalesce(sum(contracts.profit_amount) over so_far, 0) as profit_amount,
        until(spent.other_amount, days.on_day) as other_amount,
        until(spent.wages_amount, days.on_day) as wages_amount,
        until(spent.ads_amount, days.on_day) as ads_amount,
        coalesce(sum(earned.payroll_amount) over so_far, 0) + coalesce(salaries_by_day.amount, 0) as payroll_amount
    from days
    cross join spent
    left join contracts on days.on_day = contracts.on_day
    left join earned on days.on_day = earned.on_day
    left join salaries_by_day on days.on_day = salaries_by_day.on_day
    window so_far as (order by days.on_day)

),

costs as (

    select *, other_amount + beyond(wages_amount, payroll_amount) as overheads_amount
    from sums

),

results as (

    select *, profit_amount - overheads_amount - ads_amount - payroll_amount as result_amount
    from costs

)

select
    on_day,
    deals,
    complete_deals,
    coverage(complete_deals, deals) as coverage,
    money(if(complete_deals = 0 and deals > 0, null, profit_amount)) as profit_amount,
    money(overheads_amount) as overheads_amount,
    money(ads_amount) as ads_amount,
    money(payroll_amount) as payroll_amount,
    money(result_amount) as result_amount,
    if(result_amount < 0, 'в минусе', 'в плюсе')
    || if(
        on_day = min(on_day) filter (result_amount >= 0 and profit_amount > 0) over (), ', точка безубыточности', ''
    ) as state
from results
order by on_day
