-- What a refresh of the ledgers changed, row by row: what a figure moved by can be told afterwards.

create schema history;

-- `before` and `after` are the row as a JSON object of texts; null: it was not there. A row without a deal says that
-- everything was made again, by another mapping for instance, and is too much to be told row by row.
create table history.changes (
    run_id bigint not null,
    changed_at timestamp not null,
    ledger varchar not null,
    deal_id bigint,
    key varchar,
    before varchar,
    after varchar
);
