-- Deals of pipelines of expenses: each is a bill, paid when it is won, none when it is lost or in the trash.

create or replace temp table expenses_now as
with told as (

    select
        deal_id,
        max(words) filter (role = 'expense_article') as article,
        money(max(words) filter (role = 'expense_amount')) as amount,
        try_cast(regexp_extract(max(words) filter (role = 'expense_deal'), '(\d+)\D*$', 1) as bigint) as target_id,
        typed_day(max(words) filter (role = 'expense_date')) as spent_on,
        typed_day(max(words) filter (role = 'expense_due_date')) as due_on,
        max(words) filter (role = 'expense_direction') as direction
    from role_values
    where starts_with(role, 'expense_')
    group by deal_id

)

select
    parsed.deal_id,
    coalesce(survivors.survivor_id, told.target_id) as target_id,
    coalesce(told.article, nullif(trim(parsed.name), ''), 'Без статьи') as article,
    told.direction,
    coalesce(told.amount, nullif(parsed.price, 0)) as amount,
    coalesce(told.spent_on, local_day(parsed.created_at)) as spent_on,
    told.due_on,
    case when parsed.status_id = 142 then local_day(coalesce(parsed.closed_at, parsed.updated_at)) end as paid_on,
    parsed.status_id = 142 as is_paid
from parsed
inner join core.pipelines as pipelines on pipelines.pipeline_id = parsed.pipeline_id and pipelines.kind = 'expenses'
inner join core.deals as deals on deals.deal_id = parsed.deal_id
left join told on told.deal_id = parsed.deal_id
left join survivors on survivors.deal_id = told.target_id
where
    parsed.status_id is distinct from 143
    and not deals.is_deleted
    and parsed.deal_id not in (select deal_id from trials)
    and parsed.deal_id not in (select deal_id from core.merges);

-- What the touched bills say now or said before; of other ones nothing has changed.
create or replace temp table expenses_changed as
(from core.expenses where deal_id in (select deal_id from touched_deals) except from expenses_now)
union all
(from expenses_now except from core.expenses);

-- A bill is a cost of the deal it names: now, and before it named another one.
insert into raw.touched
select distinct 'leads', target_id
from expenses_changed
where target_id is not null and target_id not in (select deal_id from touched_deals);

delete from core.expenses where deal_id in (select deal_id from touched_deals);

insert into core.expenses by name from expenses_now order by deal_id;
