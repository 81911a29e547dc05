-- Title:   Оклады по отработанным дням
-- Meaning: Постоянная часть месяца: оклад, делённый на рабочие дни месяца и умноженный на отработанные; отработано то,
--          что записано в табеле, а где записи нет — все рабочие дни по сегодня, пока человек числится; оклад без имени и
--          оклад уволенного платят только по табелю.
-- Grain:   month, manager_id, rule_id
-- Date:    месяц работы
-- Reads:   core.calendar, core.deal_shares, core.pay_rules, core.users, core.worked_days
-- Columns:
--   month         | month   | Месяц
--   manager_id    | hidden  | Номер менеджера
--   rule_id       | integer | Правило
--   salary_amount | money   | Оклад
--   worked_days   | number  | Отработано дней
--   month_days    | integer | Рабочих дней
--   is_typed      | hidden  | По табелю
--   first_on      | hidden  | С какого дня
--   last_on       | hidden  | По какой день
--   amount        | money   | Начислено

with salaries as (

    select * from core.pay_rules where base = 'fixed' and amount is not null

),

days as (

    select
        cast(all_days.day as date) as day,
        month_of(all_days.day) as month
    from (
        select unnest(generate_series(
            month_of(min(coalesce(valid_from, getvariable('today')))),
            last_day(getvariable('today')),
            interval 1 day
        )) as day
        from salaries
        having count(*) > 0
    ) as all_days
    left join core.calendar as calendar on cast(all_days.day as date) = calendar.on_day
    where coalesce(calendar.is_working, isodow(all_days.day) <= 5)

),

months as (

    select month, count(*) as month_days from days group by month

),

typed as (

    select month, manager_id, sum(days) as days from core.worked_days group by month, manager_id

),

named as (

    select salaries.*, salaries.manager_id as person_id, true as is_own from salaries where manager_id is not null
    union all
    select distinct salaries.*, typed.manager_id, false
    from salaries
    cross join typed
    where salaries.whom = ''
        and (
            salaries.role = ''
            or exists (
                select 1
                from core.deal_shares as shares
                where shares.role = salaries.role and shares.manager_id = typed.manager_id
            )
        )

),

-- On every working day one salary of a role is in force: the person's own one, else the one that came last.
in_force as (

    select days.month, days.day, named.person_id, named.rule_id, named.amount
    from days
    inner join named
        on days.day >= coalesce(named.valid_from, days.day) and days.day <= coalesce(named.valid_to, days.day)
    qualify row_number() over (
        partition by days.day, named.person_id, named.role
        order by named.is_own desc, named.valid_from desc nulls last, named.rule_id desc
    ) = 1

),

spans as (

    select
        month,
        person_id,
        rule_id,
        any_value(amount) as salary_amount,
        count(*) as days,
        count(*) filter (day <= getvariable('today')) as passed_days,
        min(day) filter (day <= getvariable('today')) as first_on,
        max(day) filter (day <= getvariable('today')) as last_on
    from in_force
    group by month, person_id, rule_id

)

select
    spans.month,
    spans.person_id as manager_id,
    spans.rule_id,
    spans.salary_amount,
    -- Of the days in the month's record, those that fall to this salary in proportion.
    cast(
        if(typed.days is null, spans.passed_days, average(typed.days * spans.days, months.month_days))
        as decimal(18, 2)
    ) as worked_days,
    months.month_days,
    typed.days is not null as is_typed,
    spans.first_on,
    spans.last_on,
    if(
        typed.days is null,
        average(spans.salary_amount * spans.passed_days, months.month_days),
        average(
            spans.salary_amount * cast(typed.days * 100 as bigint) * spans.days,
            100 * months.month_days * months.month_days
        )
    ) as amount
from spans
inner join months on spans.month = months.month
left join typed on spans.month = typed.month and spans.person_id = typed.manager_id
left join core.users as users on spans.person_id = users.user_id
where typed.days is not null
    or (
        coalesce(users.is_active, false)
        and spans.rule_id in (select rule_id from salaries where manager_id is not null)
    )
order by spans.month, spans.person_id, spans.rule_id
