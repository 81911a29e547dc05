-- Ledgers that people type: made whole from the accepted versions, in an order that the content alone decides.

-- Every version of the plans; a person is the same under any spelling.
create or replace temp table planned as
select
    versions.version,
    local_day(versions.accepted_at) as accepted_on,
    versions.author,
    cast(cells ->> '$.month' as date) as month,
    coalesce(cells ->> '$.whom', '') as whom,
    cast(cells ->> '$.manager_id' as bigint) as manager_id,
    coalesce(cells ->> '$.manager_id', plain(coalesce(cells ->> '$.whom', ''))) as person,
    cells ->> '$.measure' as measure,
    cast(cells ->> '$.amount' as decimal(18, 2)) as amount,
    cast(cells ->> '$.valid_from' as date) as typed_from
from raw.input_versions as versions
inner join raw.input_rows using (name, version)
where versions.name = 'plans';

delete from core.plans;

-- The row without a date tells of a new version by its amount; a row with a date is one. Where nothing of a plan
-- stands in the table any more, it was taken back: from that day on it is 0.
insert into core.plans by name
with latest as (

    select max(version) as version from raw.input_versions where name = 'plans'

),

standing as (

    select
        month,
        person,
        measure,
        bool_or(typed_from is null) as has_open_row
    from planned
    where version = (select version from latest)
    group by all

),

open_rows as (

    select
        *,
        if(row_number() over chain = 1, month, accepted_on) as valid_from
    from planned
    where typed_from is null
    window chain as (partition by month, person, measure order by version)
    qualify amount is distinct from lag(amount) over chain

),

-- A dated row that was edited in place keeps what it said before; one that was taken out beside an open row does not.
dated_rows as (

    select planned.*, typed_from as valid_from
    from planned
    left join standing using (month, person, measure)
    where typed_from is not null
    qualify
        row_number() over (
            partition by planned.month, person, measure, typed_from, planned.amount order by planned.version
        ) = 1
        and (
            max(planned.version) over (partition by planned.month, person, measure, typed_from, planned.amount)
            = (select version from latest)
            or not coalesce(standing.has_open_row, false)
        )

),

taken_back as (

    select
        versions.version,
        local_day(versions.accepted_at) as accepted_on,
        versions.author,
        last.month,
        last.whom,
        last.manager_id,
        last.person,
        last.measure,
        cast(0 as decimal(18, 2)) as amount,
        cast(null as date) as typed_from,
        local_day(versions.accepted_at) as valid_from
    from (
        select *
        from planned
        where (month, person, measure) not in (select (month, person, measure) from standing)
        qualify row_number() over (partition by month, person, measure order by version desc) = 1
    ) as last
    inner join raw.input_versions as versions
        on versions.name = 'plans' and versions.version = last.version + 1

),

told as (

    select * from open_rows
    union all by name
    select * from dated_rows
    union all by name
    select * from taken_back

)

select
    month,
    last_value(whom) over (
        partition by month, person, measure order by version
        rows between unbounded preceding and unbounded following
    ) as whom,
    manager_id,
    measure,
    cast(
        row_number() over (partition by month, person, measure order by valid_from, version, amount) as integer
    ) as version,
    valid_from,
    amount,
    author
from told
order by month, measure, person, version;

create or replace temp table typed as
select name, cells
from raw.input_rows
inner join (select name, max(version) as version from raw.input_versions group by name) using (name, version);

delete from core.ad_spend;

insert into core.ad_spend by name
with told as (

    select
        cast(cells ->> '$.month' as date) as month,
        cells ->> '$.source' as source,
        cast(cells ->> '$.amount' as decimal(18, 2)) as amount,
        coalesce(cells ->> '$.note', '') as note
    from typed
    where name = 'ads'

)

select
    month,
    source,
    cast(row_number() over (partition by month, source order by amount, note) as integer) as seq,
    amount
from told
order by month, source, seq;

delete from core.pay_rules;

-- A rule keeps its number for good: those that were ever accepted are numbered in the order of their coming.
insert into core.pay_rules by name
with ever as (

    select cells, min(version) as since
    from raw.input_rows
    where name = 'rates'
    group by cells

),

numbered as (

    select cells, cast(row_number() over (order by since, cells) as integer) as rule_id from ever

)

select
    rule_id,
    coalesce(cells ->> '$.whom', '') as whom,
    cast(cells ->> '$.manager_id' as bigint) as manager_id,
    coalesce(cells ->> '$.role', '') as role,
    cells ->> '$.base' as base,
    cast(cells ->> '$.rate' as decimal(9, 6)) as rate,
    cast(cells ->> '$.amount' as decimal(18, 2)) as amount,
    cast(cells ->> '$.tier_from' as decimal(9, 6)) as tier_from,
    cells ->> '$.scale' as scale,
    cast(cells ->> '$.valid_from' as date) as valid_from,
    cast(cells ->> '$.valid_to' as date) as valid_to
from numbered
where cells in (select cells from typed where name = 'rates')
order by rule_id;

delete from core.worked_days;

insert into core.worked_days by name
select
    cast(cells ->> '$.month' as date) as month,
    cast(cells ->> '$.manager_id' as bigint) as manager_id,
    cast(cells ->> '$.days' as decimal(9, 2)) as days
from typed
where name = 'timesheet' and (cells ->> '$.manager_id') is not null
order by month, manager_id;

delete from core.cash;

insert into core.cash by name
select
    cast(cells ->> '$.on_day' as date) as on_day,
    cells ->> '$.account' as account,
    cast(cells ->> '$.amount' as decimal(18, 2)) as amount
from typed
where name = 'cash'
order by on_day, account;

delete from core.calendar;

insert into core.calendar by name
select
    cast(cells ->> '$.on_day' as date) as on_day,
    cast(cells ->> '$.is_working' as boolean) as is_working
from typed
where name = 'holidays'
order by on_day;

create or replace temp table rates_now as
select
    cast(cells ->> '$.on_day' as date) as on_day,
    cells ->> '$.currency' as currency,
    cast(cells ->> '$.rate' as decimal(18, 6)) as rate
from typed
where name = 'exchange';

-- Another rate is other money for every deal that has any in that currency.
insert into raw.touched
select 'leads', deal_id
from (
    select deal_id, currency from core.deals
    union
    select deal_id, currency from core.payments
)
where
    currency in (
        select currency
        from ((from core.exchange_rates except from rates_now) union (from rates_now except from core.exchange_rates))
    );

delete from core.exchange_rates;

insert into core.exchange_rates by name
select on_day, currency, rate
from rates_now
order by currency, on_day;
