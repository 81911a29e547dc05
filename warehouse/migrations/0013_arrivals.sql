-- Changes of deals as they reached the marts and the cells, for the delay that the books tell. A change without
-- built_at was there before the first build and is not measured.
create table ops.arrivals (
    deal_id bigint not null,
    changed_at timestamp not null,
    built_at timestamp,
    exported_at timestamp
);
