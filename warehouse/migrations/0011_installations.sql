-- The history of the day of installation, and with it of the payment schedule.

-- `day_before` is the last day that was known: of a day taken out and typed anew the one before it was taken out.
create table core.installation_changes (
    deal_id bigint not null,
    seq integer not null,
    changed_at timestamp not null,
    changed_on date not null,
    day_before date,
    day_after date,
    changed_by bigint,
    manager_id bigint,
    known_by varchar not null
);
