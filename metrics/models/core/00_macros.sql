-- How a value of the source becomes a typed one. Each rule stands here and nowhere else.

-- Money typed by people or by robots: «1 234,50» and 1234.5 are the same; what is not a number is not known.
create or replace temp macro money(words) as
    try_cast(replace(replace(replace(trim(words), ' ', ''), chr(160), ''), ',', '.') as decimal(18, 2));

-- A moment in UTC → the calendar day of the account.
create or replace temp macro local_day(moment) as
    cast(moment at time zone 'UTC' at time zone getvariable('account_tz') as date);

-- The moment (UTC) at which a calendar day of the account begins.
create or replace temp macro day_begins(day) as
    cast(cast(day as timestamp) at time zone getvariable('account_tz') at time zone 'UTC' as timestamp);

-- A date field holds the unix moment of midnight in the account's own zone, whatever zone the business counts its days
-- in; text fields hold what people typed. The day is the day they meant.
create or replace temp macro typed_day(words) as
    coalesce(
        cast(
            make_timestamp(try_cast(words as bigint) * 1000000)
            at time zone 'UTC' at time zone getvariable('source_tz') as date
        ),
        cast(try_strptime(words, ['%d.%m.%Y', '%Y-%m-%d']) as date),
        cast(try_cast(words as timestamptz) at time zone getvariable('source_tz') as date)
    );

create or replace temp macro unix_moment(seconds) as make_timestamp(cast(seconds as bigint) * 1000000);
