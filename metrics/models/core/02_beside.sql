-- What hangs on touched deals beside the figures: elements of catalogues, tags, all custom fields as they came.

delete from core.deal_elements where deal_id in (select deal_id from touched_deals);

insert into core.deal_elements
select
    deal_id,
    element.id,
    element.metadata.catalog_id,
    try_cast(element.metadata.quantity as decimal(18, 3)),
    element.metadata.price_id
from (select deal_id, unnest(elements) as element from parsed);

delete from core.deal_tags where deal_id in (select deal_id from touched_deals);

insert into core.deal_tags
select deal_id, tag.id, tag.name
from (select deal_id, unnest(tags) as tag from parsed);

delete from core.deal_values where deal_id in (select deal_id from touched_deals);

insert into core.deal_values
select deal_id, fields
from parsed
where fields is not null;
