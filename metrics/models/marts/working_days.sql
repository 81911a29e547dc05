-- Title:   Рабочие дни
-- Meaning: Какой день рабочий: понедельник–пятница, если в таблице праздников не сказано другое; от первого месяца
--          договоров, платежей и планов и до конца последнего месяца, о котором что-то спрашивают.
-- Grain:   on_day
-- Date:    сам день
-- Reads:   core.calendar, core.deals, core.payments, core.plans, core.turnover_entries
-- Columns:
--   on_day     | date   | День
--   month      | month  | Месяц
--   is_working | hidden | Рабочий

with bounds as (

    select
        greatest(
            least(
                (select min(contract_on) from core.deals),
                (select min(booked_on) from core.turnover_entries),
                (select min(paid_on) from core.payments),
                (select min(month) from core.plans),
                getvariable('today')
            ),
            getvariable('today') - interval 20 year
        ) as first_day,
        last_day(
            cast(
                least(
                    greatest(
                        (select max(month) from core.plans),
                        (select max(booked_on) from core.turnover_entries),
                        getvariable('today') + getvariable('cash_days')
                    ),
                    getvariable('today') + interval 5 year
                ) as date
            )
        ) as last_day

),

days as (

    select cast(unnest(generate_series(month_of(first_day), last_day, interval 1 day)) as date) as on_day
    from bounds

)

select
    days.on_day,
    month_of(days.on_day) as month,
    coalesce(calendar.is_working, isodow(days.on_day) <= 5) as is_working
from days
left join core.calendar as calendar on days.on_day = calendar.on_day
order by days.on_day
