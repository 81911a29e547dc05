-- The contract amount over time: the mapped field where it is filled, else the budget. Null or 0 is «missing».

create or replace temp table amounts as
with points as (

    select
        deal_id,
        entered_at as moment,
        seq,
        subject,
        known_by,
        case when subject = 'price' then {value: cast(value as decimal(18, 2))} end as price,
        case when subject = 'amount' then {value: cast(value as decimal(18, 2))} end as field
    from histories
    where subject in ('price', 'amount')

),

states as (

    select
        deal_id,
        moment,
        subject,
        seq,
        known_by,
        last_value(price ignore nulls) over chain as price,
        last_value(field ignore nulls) over chain as field
    from points
    window chain as (
        partition by deal_id order by moment, subject, seq rows between unbounded preceding and current row
    )

),

settled as (

    select
        deal_id,
        moment,
        known_by,
        nullif(coalesce(field.value, price.value), 0) as amount
    from states
    qualify row_number() over (partition by deal_id, moment order by subject desc, seq desc) = 1

),

compared as (

    select
        *,
        lag(amount) over chain as amount_before,
        row_number() over chain as number
    from settled
    window chain as (partition by deal_id order by moment)

)

select
    deal_id,
    cast(row_number() over (partition by deal_id order by moment) as integer) as seq,
    moment,
    amount_before,
    amount,
    known_by
from compared
where number = 1 or amount is distinct from amount_before;

delete from core.amount_changes where deal_id in (select deal_id from touched_deals);

insert into core.amount_changes
select deal_id, seq, moment, local_day(moment), amount_before, amount, known_by
from amounts;
