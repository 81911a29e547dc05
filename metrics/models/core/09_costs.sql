-- Direct costs of touched deals. Bills and typed rows add up and take the place of the field of the same article.

delete from core.costs where deal_id in (select deal_id from touched_deals);

-- A cost never filled in is not known, not zero: it has its row, and no amount.
insert into core.costs by name
with articles as (

    select article, min(position) as position
    from core.roles
    where role in ('cost', 'planned_cost')
    group by article

),

documents as (

    select target_id as deal_id, article, amount, cast(null as decimal(18, 2)) as planned_amount, 'pipeline' as origin
    from core.expenses
    where target_id in (select deal_id from touched_deals) and amount is not null
    union all by name
    select * exclude (cells)
    from (
        select
            coalesce(survivors.survivor_id, cast(cells ->> '$.deal_id' as bigint)) as deal_id,
            cells ->> '$.article' as article,
            cast(cells ->> '$.amount' as decimal(18, 2)) as amount,
            cast(cells ->> '$.planned_amount' as decimal(18, 2)) as planned_amount,
            'input' as origin,
            cells
        from raw.input_rows
        left join survivors on survivors.deal_id = cast(cells ->> '$.deal_id' as bigint)
        where
            name = 'expenses'
            and version = (select max(version) from raw.input_versions where name = 'expenses')
    )
    where deal_id in (select deal_id from touched_deals)

),

spent as (

    select
        documents.deal_id,
        coalesce(any_value(articles.article), min(documents.article)) as article,
        cast(sum(documents.amount) as decimal(18, 2)) as amount,
        cast(sum(documents.planned_amount) as decimal(18, 2)) as planned_amount,
        min(documents.origin) filter (documents.amount is not null) as origin
    from documents
    left join articles on plain(articles.article) = plain(documents.article)
    group by documents.deal_id, plain(documents.article)

),

filled as (

    select
        deal_id,
        article,
        money(max(words) filter (role = 'cost')) as amount,
        money(max(words) filter (role = 'planned_cost')) as planned_amount
    from role_values
    where role in ('cost', 'planned_cost')
    group by deal_id, article

),

wanted as (

    select deals.deal_id, articles.article
    from core.deals as deals
    cross join articles
    where deals.is_signed and deals.is_sale and deals.deal_id in (select deal_id from touched_deals)
    union
    select deal_id, article from spent

)

select
    wanted.deal_id,
    wanted.article,
    coalesce(spent.amount, filled.amount) as amount,
    coalesce(spent.planned_amount, filled.planned_amount) as planned_amount,
    case when spent.amount is not null then spent.origin when filled.amount is not null then 'field' end as origin
from wanted
left join spent using (deal_id, article)
left join filled using (deal_id, article)
left join articles using (article)
order by wanted.deal_id, articles.position, wanted.article;
