-- Touched deals: what the last payload says, typed. One pass over the JSON.

create or replace temp table parsed as
with outlines as (

    select
        records.id as deal_id,
        records.version as updated_at,
        records.is_deleted,
        records.deleted_at,
        records.flag_at,
        from_json(
            records.payload,
            '{
                "name": "VARCHAR", "price": "JSON", "price_with_minor_units": "JSON",
                "pipeline_id": "BIGINT", "status_id": "BIGINT", "responsible_user_id": "BIGINT",
                "loss_reason_id": "BIGINT", "created_by": "BIGINT", "updated_by": "BIGINT",
                "created_at": "BIGINT", "closed_at": "BIGINT",
                "custom_fields_values": [
                    {
                        "field_id": "BIGINT",
                        "values": [{"value": "JSON", "enum_id": "BIGINT", "catalog_element_id": "BIGINT"}]
                    }
                ],
                "_embedded": {
                    "contacts": [{"id": "BIGINT", "is_main": "BOOLEAN"}],
                    "companies": [{"id": "BIGINT"}],
                    "tags": [{"id": "BIGINT", "name": "VARCHAR"}],
                    "catalog_elements": [{
                        "id": "BIGINT",
                        "metadata": {"quantity": "VARCHAR", "catalog_id": "BIGINT", "price_id": "BIGINT"}
                    }]
                }
            }'
        ) as lead
    from raw.records as records
    -- By their places: of a few touched deals only their own payloads are read and unpacked.
    where records.rowid in (
        select rowid
        from raw.records
        where stream = 'leads' and payload_md5 is not null and id in (select deal_id from touched_deals)
    )

)

select
    deal_id,
    lead.name as name,
    lead.pipeline_id as pipeline_id,
    lead.status_id as status_id,
    lead.responsible_user_id as owner_id,
    money(coalesce(lead.price_with_minor_units, lead.price) ->> '$') as price,
    lead.loss_reason_id as loss_reason_id,
    lead.created_by as created_by,
    lead.updated_by as updated_by,
    unix_moment(lead.created_at) as created_at,
    updated_at,
    unix_moment(lead.closed_at) as closed_at,
    is_deleted,
    deleted_at,
    flag_at,
    coalesce(
        list_filter(lead._embedded.contacts, lambda contact: contact.is_main)[1].id,
        lead._embedded.contacts[1].id
    ) as contact_id,
    lead._embedded.companies[1].id as company_id,
    lead._embedded.tags as tags,
    lead._embedded.catalog_elements as elements,
    lead.custom_fields_values as fields
from outlines;

-- One row per deal and role. A list of options reads as one text; an option is named as it is called now.
create or replace temp table role_values as
with single as (

    select deal_id, field.field_id as field_id, unnest(field.values, recursive := false) as item
    from (select deal_id, unnest(fields) as field from parsed)
    where field.field_id in (select field_id from core.roles)

),

labelled as (

    select
        single.deal_id,
        single.field_id,
        string_agg(coalesce(options.label, single.item.value ->> '$'), ' + ' order by single.item.enum_id) as words
    from single
    left join core.options as options
        on options.field_id = single.field_id and options.enum_id = single.item.enum_id
    group by single.deal_id, single.field_id

)

select labelled.deal_id, roles.role, roles.article, roles.position, nullif(trim(labelled.words), '') as words
from labelled
inner join core.roles as roles using (field_id);

-- Deals that somebody made to try something: by their mark or by a word in their name.
create or replace temp table trials as
select deal_id from role_values where role = 'test' and list_contains(['true', '1', 'да', 'yes'], lower(words))
union
select parsed.deal_id
from parsed
inner join test_names on contains(lower(parsed.name), lower(test_names.word));
