-- Tags, departments and roles, made whole from the last snapshots; what vanished keeps its last name.

delete from core.tag_names;

insert into core.tag_names
select id, payload ->> '$.name'
from raw.records
where stream = 'lead_tags' and payload_md5 is not null;

delete from core.groups;

insert into core.groups
select id, payload ->> '$.name'
from raw.records
where stream = 'groups' and payload_md5 is not null;

delete from core.user_roles;

insert into core.user_roles
select id, payload ->> '$.name'
from raw.records
where stream = 'roles' and payload_md5 is not null;
