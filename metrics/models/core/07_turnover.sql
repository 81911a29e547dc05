-- What a contract adds to turnover, row by row: signing, a changed amount, calling off («расторгнуто»), taking up again.
-- Every row is a difference, so the rows of a deal add up to what its contract is worth now.

create or replace temp table signings as
select
    contracts.deal_id,
    contracts.contract_at,
    contracts.contract_on,
    contracts.day_ends_at,
    -- The amount at the end of the day of signing; one that was filled in later was missing, not changed.
    coalesce(
        arg_max({value: amounts.amount}, amounts.moment) filter (amounts.moment < contracts.day_ends_at).value,
        arg_min(amounts.amount, amounts.moment) filter (
            amounts.amount is not null and amounts.moment >= contracts.day_ends_at
        )
    ) as amount,
    coalesce(
        arg_max({value: amounts.amount}, amounts.moment) filter (amounts.moment < contracts.day_ends_at).value is null,
        true
    ) as is_filled_later
from contracts
left join amounts using (deal_id)
group by all;

create or replace temp table turnover as
with points as (

    select deal_id, contract_at as moment, 0 as place, 'signed' as kind, {value: amount} as amount, null as void
    from signings
    union all
    select amounts.deal_id, greatest(amounts.moment, signings.contract_at), 1, 'changed', {value: amounts.amount}, null
    from amounts
    inner join signings using (deal_id)
    where
        amounts.moment >= signings.day_ends_at
        and not (
            signings.is_filled_later
            and amounts.moment <= (
                select min(filled.moment)
                from amounts as filled
                where
                    filled.deal_id = amounts.deal_id
                    and filled.amount is not null
                    and filled.moment >= signings.day_ends_at
            )
        )
    union all
    -- What was lost and came back before the signing is no matter of turnover; what lay lost then is called off at once.
    select
        standing.deal_id,
        greatest(standing.moment, signings.contract_at),
        2 + row_number() over (partition by standing.deal_id order by standing.moment, standing.place),
        case when standing.is_void then 'cancelled' else 'resumed' end,
        null,
        {value: standing.is_void}
    from standing
    inner join signings using (deal_id)
    qualify
        standing.moment >= signings.contract_at
        or (
            standing.is_void
            and coalesce(
                lead(standing.moment) over (
                    partition by standing.deal_id order by standing.moment, standing.place
                ) >= signings.contract_at,
                true
            )
        )

),

states as (

    select
        *,
        last_value(amount ignore nulls) over chain.value as worth,
        coalesce(last_value(void ignore nulls) over chain.value, false) as is_void
    from points
    window chain as (
        partition by deal_id order by moment, place rows between unbounded preceding and current row
    )

),

booked as (

    select *, case when is_void then 0 else coalesce(worth, 0) end as standing_amount
    from states

),

differences as (

    select
        *,
        standing_amount - coalesce(lag(standing_amount) over chain, 0) as difference,
        coalesce(lag(is_void) over chain, false) as was_void
    from booked
    window chain as (partition by deal_id order by moment, place)

)

select deal_id, moment, place, kind, cast(difference as decimal(18, 2)) as amount
from differences
where
    kind = 'signed'
    or (kind = 'changed' and difference <> 0)
    or (kind in ('cancelled', 'resumed') and is_void <> was_void);

delete from core.turnover_entries where deal_id in (select deal_id from touched_deals);

insert into core.turnover_entries
select
    turnover.deal_id,
    cast(row_number() over (partition by turnover.deal_id order by turnover.moment, turnover.place) as integer),
    turnover.kind,
    turnover.moment,
    case when turnover.kind = 'signed' then signings.contract_on else local_day(turnover.moment) end,
    turnover.amount,
    signers.manager_id
from turnover
inner join signings using (deal_id)
inner join signers using (deal_id);
