-- Title:   Начисления по текущим данным
-- Meaning: Сколько по правилам оплаты причитается за каждое движение, как его знают сегодня, в закрытых месяцах тоже;
--          расторжение возвращает начисленное по сделке до копейки, возврат денег и изменение суммы — по той же ставке.
-- Grain:   base, role, deal_id, seq, manager_id, slice, rule_id
-- Date:    дата события
-- Reads:   core.pay_rules, mart.payroll_credits, mart.payroll_heights, mart.plan_attainment
-- Refresh: deal_id
--          mart.plan_attainment by month = month_of(on_day), manager_id, base of mart.payroll_credits
-- Columns:
--   base        | hidden  | Код основания
--   role        | hidden  | Роль
--   deal_id     | deal    | Сделка
--   seq         | integer | Номер
--   slice       | integer | Ступень
--   rule_id     | integer | Правило
--   manager_id  | hidden  | Номер менеджера
--   on_day      | date    | Дата
--   kind        | hidden  | Вид движения
--   share       | percent | Доля
--   base_amount | money   | База
--   rate        | percent | Ставка
--   amount      | money   | Начислено
--   tier_from   | percent | Ступень от
--   plan_amount | money   | План
--   fact_amount | money   | Факт
-- Drill:
--   from mart.payroll_credits as credits
--   inner join mart.payroll_accruals as accruals on credits.base = accruals.base and credits.role = accruals.role
--   and credits.deal_id = accruals.deal_id and credits.seq = accruals.seq
--   and credits.manager_id = accruals.manager_id
--   base       = credits.base
--   role       = credits.role
--   deal_id    = credits.deal_id
--   seq        = credits.seq
--   manager_id = credits.manager_id
--   slice      = accruals.slice
--   rule_id    = accruals.rule_id
--   share      = max(credits.share)

-- The rules in force: of a person's own ones, else of everybody's, those that came into force last; all of their tiers.
with days as (

    select distinct base, role, manager_id, on_day from mart.payroll_credits

),

fitting as (

    select
        days.*,
        rules.* exclude (base, role, manager_id),
        rules.manager_id is not null as is_own
    from days
    inner join core.pay_rules as rules
        on days.base = rules.base
        and days.role = rules.role
        and (rules.manager_id = days.manager_id or rules.whom = '')
        and days.on_day >= coalesce(rules.valid_from, days.on_day)
        and days.on_day <= coalesce(rules.valid_to, days.on_day)

),

in_force as (

    select *
    from fitting
    qualify
        rank() over (
            partition by base, role, manager_id, on_day order by is_own desc, valid_from desc nulls last
        ) = 1
        and row_number() over (
            partition by base, role, manager_id, on_day, is_own, valid_from, tier_from
            order by rule_id desc
        ) = 1

),

tiers as (

    select
        rules.base,
        rules.role,
        rules.manager_id,
        rules.on_day,
        rules.rule_id,
        rules.rate,
        rules.amount,
        rules.tier_from,
        bool_or(rules.scale = 'marginal') over sets as is_marginal,
        plans.plan_amount,
        plans.fact_amount,
        -- A threshold that is exactly met counts; without a plan only what needs none is paid.
        if(rules.tier_from = 0, -1000000000000.00, money(plans.plan_amount * rules.tier_from)) as floor_amount,
        rules.tier_from = 0
        or coalesce(plans.fact_amount >= money(plans.plan_amount * rules.tier_from), false) as is_met
    from in_force as rules
    left join mart.plan_attainment as plans
        on plans.month = month_of(rules.on_day)
        and rules.manager_id = plans.manager_id
        and rules.base = plans.base
    window sets as (partition by rules.base, rules.role, rules.manager_id, rules.on_day)

),

payable as (

    select
        *,
        coalesce(
            lead(floor_amount) over (
                partition by base, role, manager_id, on_day order by tier_from
            ), 1000000000000.00
        ) as ceiling_amount
    from tiers
    where not is_marginal or tier_from = 0 or plan_amount is not null
    qualify is_marginal
        or tier_from = max(tier_from) filter (is_met) over (
            partition by base, role, manager_id, on_day
        )

),

earned as (

    select
        credits.*,
        payable.rule_id,
        payable.rate,
        payable.amount as event_amount,
        payable.tier_from,
        payable.plan_amount,
        payable.fact_amount,
        payable.is_marginal,
        payable.floor_amount,
        payable.ceiling_amount
    from mart.payroll_credits as credits
    inner join payable
        on credits.base = payable.base
        and credits.role = payable.role
        and credits.manager_id = payable.manager_id
        and credits.on_day = payable.on_day
    where credits.kind = 'accrued'

),

parts as (

    select * exclude (is_marginal, floor_amount, ceiling_amount), amount as part, 1 as slice
    from earned
    where not is_marginal
    union all
    select
        earned.* exclude (is_marginal, floor_amount, ceiling_amount),
        case
            when earned.amount < 0 then earned.amount
            else money(greatest(
                0,
                least(heights.until_amount, earned.ceiling_amount)
                - greatest(heights.until_amount - earned.amount, earned.floor_amount)
            ))
        end as part,
        rank() over (
            partition by earned.base, earned.role, earned.deal_id, earned.seq, earned.manager_id
            order by earned.tier_from
        ) as slice
    from earned
    inner join mart.payroll_heights as heights
        on earned.base = heights.base
        and earned.role = heights.role
        and earned.manager_id = heights.manager_id
        and earned.deal_id = heights.deal_id
        and earned.seq = heights.seq
    where earned.is_marginal and (earned.amount > 0 or earned.tier_from = 0)

),

-- An event's price is divided by the shares; what is left over of it goes to the largest share.
priced as (

    select *, part as base_amount, rate as line_rate, money(part * rate) as earned_amount
    from parts
    where event_amount is null and part <> 0
    union all
    select *, event_amount, share, event_amount
    from parts
    where event_amount is not null and share = 1
    union all
    select
        *,
        event_amount,
        share,
        money(event_amount * share) + if(
            row_number() over (events order by share desc, manager_id) = 1
            and sum(share) over events = 1,
            event_amount - sum(money(event_amount * share)) over events,
            0
        )
    from parts
    where event_amount is not null and share <> 1
    window events as (partition by base, role, deal_id, seq, rule_id)

),

accrued as (

    select
        base, role, deal_id, seq, manager_id, on_day, kind, share,
        cast(slice as integer) as slice,
        rule_id,
        base_amount,
        cast(line_rate as decimal(18, 6)) as rate,
        earned_amount,
        if(tier_from > 0, tier_from, null) as tier_from,
        plan_amount,
        fact_amount
    from priced

),

later as (

    select base, role, deal_id, seq, manager_id, on_day, kind, share, cast(1 as integer) as slice, amount as base_amount
    from mart.payroll_credits
    where kind <> 'accrued'

),

followed as (

    select * from accrued where deal_id in (select deal_id from later)
    union all by name
    select * from later

),

-- What comes after is paid by the rate of what came before: by the mean rate, weighted with the bases.
weighed as (

    select
        *,
        sum(kopecks(greatest(base_amount, 0))) filter (kind = 'accrued') over chain as weight,
        sum(cast(kopecks(greatest(base_amount, 0)) as hugeint) * cast(rate * 1000000 as bigint))
            filter (kind = 'accrued') over chain as weighted_rate,
        arg_max(rule_id, if(kind = 'accrued', seq, null)) over chain as last_rule_id,
        count(*) filter (kind = 'cancelled') over chain - if(kind = 'cancelled', 1, 0) as round
    from followed
    window chain as (
        partition by base, role, deal_id, manager_id order by seq, slice
        rows between unbounded preceding and current row
    )

),

rated as (

    select
        * exclude (rate, rule_id),
        coalesce(rule_id, last_rule_id) as rule_id,
        case
            when kind = 'accrued' then cast(rate as decimal(18, 6))
            when weight > 0
                then cast(
                    (2 * weighted_rate + weight) // (2 * weight) as decimal(18, 0)
                ) * cast(0.000001 as decimal(6, 6))
        end as rate
    from weighed

),

summed as (

    select
        *,
        case kind
            when 'accrued' then earned_amount
            when 'cancelled' then null
            else money(base_amount * rate)
        end as own_amount
    from rated

),

lines as (

    select
        *,
        if(
            kind = 'cancelled',
            -coalesce(sum(own_amount) over (partition by base, role, deal_id, manager_id, round), 0),
            own_amount
        ) as amount
    from summed
    union all by name
    select *, earned_amount as amount from accrued where deal_id not in (select deal_id from later)

)

select
    base,
    role,
    deal_id,
    seq,
    slice,
    rule_id,
    manager_id,
    on_day,
    kind,
    share,
    money(base_amount) as base_amount,
    cast(rate as decimal(18, 6)) as rate,
    money(amount) as amount,
    cast(tier_from as decimal(18, 6)) as tier_from,
    money(plan_amount) as plan_amount,
    money(fact_amount) as fact_amount
from lines
where rule_id is not null
order by base, role, deal_id, seq, manager_id, slice, rule_id
