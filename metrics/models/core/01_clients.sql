-- Names of the contacts and companies that were touched.

delete from core.contacts
where contact_id in (select id from raw.touched where stream = 'contacts');

insert into core.contacts
select id, payload ->> '$.name'
from raw.records
where
    stream = 'contacts'
    and payload_md5 is not null
    and id in (select id from raw.touched where stream = 'contacts');

delete from core.companies
where company_id in (select id from raw.touched where stream = 'companies');

insert into core.companies
select id, payload ->> '$.name'
from raw.records
where
    stream = 'companies'
    and payload_md5 is not null
    and id in (select id from raw.touched where stream = 'companies');
