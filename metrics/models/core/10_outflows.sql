-- Overheads by month, and the payments that go out: bills of the pipeline and typed expenses, whole, for both are small.

create or replace temp table spending as
select
    'input' as origin,
    cast(null as bigint) as deal_id,
    cast(cells ->> '$.deal_id' as bigint) as target_id,
    cast(cells ->> '$.month' as date) as month,
    cells ->> '$.article' as article,
    cast(cells ->> '$.amount' as decimal(18, 2)) as amount,
    cast(cells ->> '$.planned_amount' as decimal(18, 2)) as planned_amount,
    cells ->> '$.direction' as direction,
    cast(cells ->> '$.due_on' as date) as due_on,
    coalesce(cast(cells ->> '$.is_paid' as boolean), false) as is_paid,
    coalesce(cast(cells ->> '$.months' as integer), 1) as months,
    cast(null as date) as paid_on,
    cells as words
from raw.input_rows
where
    name = 'expenses'
    and version = (select max(version) from raw.input_versions where name = 'expenses')
union all by name
select
    'pipeline' as origin,
    deal_id,
    target_id,
    cast(date_trunc('month', spent_on) as date) as month,
    article,
    amount,
    cast(null as decimal(18, 2)) as planned_amount,
    direction,
    coalesce(due_on, spent_on) as due_on,
    is_paid,
    1 as months,
    paid_on,
    '' as words
from core.expenses
where amount is not null;

delete from core.overheads;

-- What is spread over months is spread to the kopeck: the first months bear what is left over.
insert into core.overheads by name
with spread as (

    select
        spending.*,
        unnest(range(months)) as part,
        cast(abs(amount) * 100 as hugeint) as kopecks
    from spending
    where target_id is null and amount is not null

),

monthly as (

    select
        cast(month + to_months(cast(part as integer)) as date) as month,
        article,
        cast(
            sign(amount) * (kopecks // months + if(part < kopecks % months, 1, 0)) as decimal(18, 0)
        ) * cast(0.01 as decimal(2, 2)) as amount,
        direction,
        due_on,
        is_paid,
        origin,
        deal_id,
        words,
        part
    from spread

)

select
    month,
    article,
    cast(
        row_number() over (partition by month, article order by origin, deal_id, words, part) as integer
    ) as seq,
    amount,
    direction,
    due_on,
    is_paid,
    origin,
    deal_id
from monthly
order by month, article, seq;

delete from core.outflows;

-- Rent without a day is paid by the end of its month, or by when it was first written down as paid; what a deal will cost
-- on a day nobody knows is not here.
insert into core.outflows by name
with written as (

    select rows.cells as words, min(local_day(versions.accepted_at)) as on_day
    from raw.input_rows as rows
    inner join raw.input_versions as versions on rows.name = versions.name and rows.version = versions.version
    where rows.name = 'expenses' and rows.cells in (select words from spending where is_paid and due_on is null)
    group by rows.cells

),

dated as (

    select
        case
            when spending.is_paid and spending.paid_on is not null then spending.paid_on
            when spending.target_id is null
                then coalesce(spending.due_on, least(last_day(spending.month), written.on_day))
            else spending.due_on
        end as on_day,
        coalesce(spending.amount, spending.planned_amount) as amount,
        spending.article,
        spending.is_paid,
        spending.origin,
        coalesce(spending.deal_id, spending.target_id) as deal_id,
        spending.words
    from spending
    left join written on spending.words = written.words

)

select
    cast(row_number() over (order by on_day, article, amount, origin, deal_id, words) as integer) as seq,
    on_day,
    amount,
    article,
    is_paid,
    origin,
    deal_id
from dated
where on_day is not null
order by seq;
