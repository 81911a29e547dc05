-- Where the mapping no longer fits the account: what it speaks of was deleted there, made anew, retyped or archived.
create table core.mapping_flaws (
    key varchar not null,
    subject_id bigint not null,
    kind varchar not null,
    since_on date,
    what varchar not null,
    figures varchar not null,
    remedy varchar not null
);
