-- How a value of the source becomes a typed one. Each rule stands here and nowhere else.

-- Money typed by people or by robots: «1 234,50» and 1234.5 are the same; what is not a number is not known.
create or replace temp macro money(words) as
    try_cast(replace(replace(replace(trim(words), ' ', ''), chr(160), ''), ',', '.') as decimal(18, 2));

-- Money of another currency in that of the account, half a kopeck away from zero; nothing without a rate.
create or replace temp macro in_base(amount, rate) as cast(amount * rate as decimal(18, 2));

-- The currency that people name by its code or by its sign.
create or replace temp macro currency_code(words) as
    case
        when regexp_matches(trim(words), '^[A-Za-z]{3}$') then upper(trim(words))
        when trim(words) = '$' or lower(words) like '%доллар%' then 'USD'
        when trim(words) = '€' or lower(words) like '%евро%' then 'EUR'
        when trim(words) = '₽' or lower(words) like 'руб%' then 'RUB'
    end;

-- A name as it is compared.
create or replace temp macro plain(name) as
    regexp_replace(replace(lower(trim(name)), 'ё', 'е'), '\s+', ' ', 'g');

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

-- Under whose number each deal that was taken in goes on, through as many merges as it takes.
create or replace temp view survivors as
with recursive chain as (

    select deal_id, survivor_id from core.merges
    union
    select chain.deal_id, merges.survivor_id
    from chain
    inner join core.merges as merges on chain.survivor_id = merges.deal_id

)

select deal_id, survivor_id
from chain
where survivor_id not in (select deal_id from core.merges);

create or replace temp macro unix_moment(seconds) as make_timestamp(cast(seconds as bigint) * 1000000);
