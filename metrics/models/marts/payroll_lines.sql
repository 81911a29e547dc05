-- Title:   Расчётные листки
-- Meaning: Каждая строка зарплаты: сделка, база, ставка, сумма и за что; ставка договора, действовавшая в тот день, округление
--          один раз в строке. Строки закрытого месяца стоят такими, какими их выдали; что изменилось в нём позже, стоит
--          поправкой в открытом месяце.
-- Grain:   month, manager_id, seq
-- Date:    дата события; поправка — месяц, следующий за последним закрытым
-- Reads:   core.deals, core.frozen_slips, core.period_locks, core.users, mart.payroll_accruals,
--          mart.payroll_corrections, mart.payroll_salaries
-- Refresh: month, manager_id
--          mart.payroll_accruals by month = month_of(on_day), manager_id
--          mart.payroll_corrections by month, manager_id
--          mart.payroll_salaries by month, manager_id
--          core.frozen_slips by month, manager_id
--          core.deals by deal_id of mart.payroll_lines
-- Total:   amount
-- Columns:
--   month       | month   | Месяц
--   manager_id  | hidden  | Номер менеджера
--   manager     | text    | Менеджер
--   seq         | integer | Строка
--   on_day      | date    | Дата
--   deal_id     | deal    | Сделка
--   name        | text    | Название
--   title       | text    | Основание
--   base        | hidden  | Код основания
--   role        | hidden  | Роль
--   rule_id     | hidden  | Правило
--   kind        | hidden  | Вид строки
--   for_month   | hidden  | За месяц
--   base_amount | money   | База
--   rate        | percent | Ставка
--   amount      | money   | Сумма
--   reason      | text    | Пояснение
--   state       | text    | Состояние
-- Drill:
--   from mart.payroll_accruals as accruals
--   left join core.period_locks as locks on locks.month = month_of(accruals.on_day) and locks.reopened_at is null
--   cross join (
--       select cast(max(month) filter (reopened_at is null) + interval 1 month as date) as month from core.period_locks
--   ) as open_month
--   month         = if(locks.month is null, month_of(accruals.on_day), open_month.month)
--   manager_id    = accruals.manager_id
--   by deal_id    = accruals.deal_id
--   by base       = accruals.base
--   by role       = accruals.role
--   by for_month  = month_of(accruals.on_day)
--   amount        = sum(accruals.amount)
--   from mart.payroll_salaries as salaries
--   left join core.period_locks as locks on locks.month = salaries.month and locks.reopened_at is null
--   cross join (
--       select cast(max(month) filter (reopened_at is null) + interval 1 month as date) as month from core.period_locks
--   ) as open_month
--   month         = if(locks.month is null, salaries.month, open_month.month)
--   manager_id    = salaries.manager_id
--   by deal_id    = cast(null as bigint)
--   by base       = 'fixed'
--   by role       = ''
--   by for_month  = salaries.month
--   amount        = sum(salaries.amount)
--   from core.frozen_slips as slips
--   inner join core.period_locks as locks on slips.month = locks.month and locks.reopened_at is null
--   month         = slips.month
--   manager_id    = slips.manager_id
--   by deal_id    = slips.deal_id
--   by base       = slips.base
--   by role       = slips.role
--   by for_month  = slips.for_month
--   amount        = sum(slips.amount)
--   from core.frozen_slips as slips
--   inner join core.period_locks as locks on slips.month = locks.month and locks.reopened_at is null
--   cross join (
--       select cast(max(month) filter (reopened_at is null) + interval 1 month as date) as month from core.period_locks
--   ) as open_month
--   month         = open_month.month
--   manager_id    = slips.manager_id
--   by deal_id    = slips.deal_id
--   by base       = slips.base
--   by role       = slips.role
--   by for_month  = slips.for_month
--   amount        = -sum(slips.amount)

with locks as (

    select month from core.period_locks where reopened_at is null

),

words (base, kind, words) as (

    values
        ('contract', 'accrued', 'договор подписан'),
        ('contract', 'changed', 'изменилась сумма договора'),
        ('contract', 'cancelled', 'договор расторгнут, начисленное возвращается'),
        ('contract', 'resumed', 'договор восстановлен'),
        ('paid', 'accrued', 'платёж получен'),
        ('paid', 'refund', 'возврат клиенту'),
        ('paid', 'cancelled', 'договор расторгнут, начисленное возвращается'),
        ('paid', 'resumed', 'договор восстановлен'),
        ('closed_act', 'accrued', 'работы сданы'),
        ('closed_act', 'cancelled', 'договор расторгнут, начисленное возвращается'),
        ('closed_act', 'resumed', 'договор восстановлен'),
        ('gross_profit', 'accrued', 'валовая прибыль сделки'),
        ('gross_profit', 'cancelled', 'договор расторгнут, начисленное возвращается'),
        ('gross_profit', 'resumed', 'договор восстановлен'),
        ('net_profit', 'accrued', 'прибыль сделки за вычетом доли накладных'),
        ('net_profit', 'cancelled', 'договор расторгнут, начисленное возвращается'),
        ('net_profit', 'resumed', 'договор восстановлен'),
        ('measurement', 'accrued', 'замер сделан'),
        ('installation', 'accrued', 'монтаж сдан')

),

titles (base, title) as (

    values
        ('contract', 'процент от договора'),
        ('paid', 'процент от полученных денег'),
        ('closed_act', 'процент от сданных работ'),
        ('gross_profit', 'процент от валовой прибыли'),
        ('net_profit', 'процент от прибыли'),
        ('measurement', 'за замер'),
        ('installation', 'за монтаж'),
        ('fixed', 'оклад')

),

live as (

    select
        month_of(accruals.on_day) as month,
        accruals.manager_id,
        accruals.on_day,
        accruals.deal_id,
        accruals.seq as place,
        accruals.slice,
        accruals.base,
        accruals.role,
        accruals.rule_id,
        accruals.kind,
        accruals.base_amount,
        accruals.rate,
        accruals.amount,
        concat_ws(
            ', ',
            words.words,
            if(
                accruals.share < 1 and accruals.base not in ('measurement', 'installation'),
                'доля ' || percents(accruals.share), null
            ),
            if(
                accruals.tier_from > 0,
                'ступень от ' || percents(accruals.tier_from) || ' плана, выполнено '
                || attained(accruals.fact_amount, accruals.plan_amount, accruals.tier_from),
                null
            )
        ) as reason
    from mart.payroll_accruals as accruals
    inner join words on accruals.base = words.base and accruals.kind = words.kind
    union all by name
    select
        month,
        manager_id,
        least(last_day(month), getvariable('today')) as on_day,
        'fixed' as base,
        '' as role,
        rule_id,
        'accrued' as kind,
        salary_amount as base_amount,
        share(worked_days, month_days) as rate,
        amount,
        'рабочих дней ' || plainly(worked_days) || ' из ' || month_days
        || if(is_typed, ' по табелю', '') as reason
    from mart.payroll_salaries

),

corrections as (

    select
        month,
        manager_id,
        month as on_day,
        deal_id,
        base,
        role,
        'adjusted' as kind,
        for_month,
        money(due_amount - handed_amount) as amount,
        'поправка за ' || strftime(for_month, '%m.%Y') || ': выдано '
        || written(handed_amount) || ', причитается ' || written(due_amount) as reason
    from mart.payroll_corrections

),

standing as (

    select *, month as for_month from live where month not in (from locks) and amount <> 0
    union all by name
    select * from corrections

),

numbered as (

    select
        *,
        row_number() over (
            partition by month, manager_id
            order by on_day, deal_id nulls first, base, role, place nulls first, slice, kind, rule_id, for_month
        ) as seq,
        'предварительно' as state
    from standing

),

lines as (

    select
        numbered.* exclude (place, slice),
        person(users.name, numbered.manager_id) as manager,
        deals.name
    from numbered
    left join core.users as users on numbered.manager_id = users.user_id
    left join core.deals as deals on numbered.deal_id = deals.deal_id
    union all by name
    select *, 'закрыт' as state from core.frozen_slips where month in (from locks)

)

select
    lines.month,
    lines.manager_id,
    lines.manager,
    lines.seq,
    lines.on_day,
    lines.deal_id,
    lines.name,
    titles.title,
    lines.base,
    lines.role,
    lines.rule_id,
    lines.kind,
    lines.for_month,
    money(lines.base_amount) as base_amount,
    lines.rate,
    money(lines.amount) as amount,
    lines.reason,
    lines.state
from lines
inner join titles on lines.base = titles.base
order by lines.month, lines.manager_id, lines.seq
