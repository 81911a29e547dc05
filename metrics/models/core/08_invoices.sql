-- Money that paid invoices of touched deals tell of; one that stands on several cards counts on the first.

create or replace temp table invoice_payments as
select
    deal_id,
    coalesce(paid_on, local_day(updated_at)) as paid_on,
    paid_amount as amount,
    name as document
from (

    select *
    from core.invoices
    where deal_id is not null and paid_amount <> 0 and not is_deleted
    qualify row_number() over (partition by invoice_id order by deal_id) = 1

)
where deal_id in (select deal_id from touched_deals);
