-- Touched notes that are calls. Telephony writes who spoke as a number, a name or a phone; the manager is that user if
-- there is one, else who answers for the note. A user who was not known then makes his calls again.

insert into raw.touched
select
    case entity_type when 'leads' then 'lead_notes' when 'contacts' then 'contact_notes' else 'company_notes' end,
    call_id
from core.calls as calls
inner join core.users as users on cast(users.user_id as varchar) = calls.caller
where
    calls.manager_id is distinct from users.user_id
    and exists (select 1 from raw.touched where stream = 'users');

delete from core.calls
where call_id in (select id from raw.touched where stream in ('lead_notes', 'contact_notes', 'company_notes'));

insert into core.calls by name
with told as (

    select
        records.id as call_id,
        records.stream,
        records.version as updated_at,
        records.is_deleted,
        from_json(
            records.payload,
            '{
                "entity_id": "BIGINT", "note_type": "VARCHAR", "created_at": "BIGINT",
                "responsible_user_id": "BIGINT",
                "params": {
                    "duration": "VARCHAR", "phone": "VARCHAR", "call_responsible": "VARCHAR",
                    "call_result": "VARCHAR", "call_status": "VARCHAR", "link": "VARCHAR"
                }
            }'
        ) as note
    from raw.records as records
    -- By their places: to look for several streams would have the payloads of all unpacked.
    where records.rowid in (
        select rowid
        from raw.records
        where
            stream in ('lead_notes', 'contact_notes', 'company_notes')
            and payload_md5 is not null
            and (stream, id) in (select stream, id from raw.touched)
    )

),

removed as (

    select cast(coalesce(value_after ->> '$[0].note.id', value_before ->> '$[0].note.id') as bigint) as call_id
    from raw.events
    where type = 'common_note_deleted'

)

select
    call_id,
    case stream when 'lead_notes' then 'leads' when 'contact_notes' then 'contacts' else 'companies' end as entity_type,
    note.entity_id as entity_id,
    case when stream = 'lead_notes' then note.entity_id end as deal_id,
    case when stream = 'contact_notes' then note.entity_id end as contact_id,
    case when stream = 'company_notes' then note.entity_id end as company_id,
    case note.note_type when 'call_in' then 'in' else 'out' end as direction,
    unix_moment(note.created_at) as called_at,
    local_day(unix_moment(note.created_at)) as called_on,
    try_cast(note.params.duration as integer) as duration,
    case try_cast(note.params.call_status as integer)
        when 1 then 'left_message'
        when 2 then 'call_back'
        when 3 then 'not_in'
        when 4 then 'talked'
        when 5 then 'wrong_number'
        when 6 then 'no_answer'
        when 7 then 'busy'
    end as status,
    nullif(note.params.call_result, '') as result,
    nullif(note.params.phone, '') as phone,
    nullif(note.params.call_responsible, '') as caller,
    coalesce(users.user_id, note.responsible_user_id) as manager_id,
    nullif(note.params.link, '') as link,
    updated_at,
    is_deleted or call_id in (select call_id from removed) as is_deleted
from told
left join core.users as users on cast(users.user_id as varchar) = told.note.params.call_responsible
where note.note_type in ('call_in', 'call_out');
