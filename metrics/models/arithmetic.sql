-- The arithmetic and the words that all marts share; the only place where a figure is rounded.
-- Made anew for every build; temporary, so that nothing of it stays in the warehouse.

-- An amount of money.
create or replace temp macro money(amount) as cast(amount as decimal(18, 2));

-- A count.
create or replace temp macro whole(number) as cast(number as bigint);

-- A part of a whole as a fraction; nothing where the whole is 0.
create or replace temp macro share(part, whole_amount) as
    cast(part / nullif(whole_amount, 0) as decimal(18, 6));

-- Money, a count or a fraction, where one column holds all of them.
create or replace temp macro any_figure(figure) as cast(figure as decimal(24, 6));

-- An amount in kopecks, for what is counted in whole numbers.
create or replace temp macro kopecks(amount) as cast(amount * 100 as bigint);

-- A part of an amount in proportion, cut to the kopeck; nothing where the whole is 0.
create or replace temp macro cut(amount, weight, whole_weight) as
    cast(
        sign(amount)
        * ((abs(cast(kopecks(amount) as hugeint)) * weight) // nullif(cast(whole_weight as hugeint), 0))
        as decimal(18, 0)
    ) * cast(0.01 as decimal(2, 2));

-- The amount of every basket divided among its lines by weight, so that the shares add up exactly: each is cut to the
-- kopeck, and what is left over goes to the heaviest line, of equal ones to the one with the smallest number. A
-- basket without weight is not divided: its shares are null.
-- `lines`, the name of a table in quotes: basket, line, weight (a whole number, never negative), amount (the same for the whole basket).
create or replace temp macro divided(lines) as table
with wholes as (

    select basket, sum(weight) as whole_weight
    from query_table(lines)
    group by basket

),

parts as materialized (

    select
        lines.basket,
        lines.line,
        lines.weight,
        lines.amount,
        cut(lines.amount, lines.weight, wholes.whole_weight) as part
    from query_table(lines) as lines
    inner join wholes on lines.basket = wholes.basket

),

rests as (

    select
        basket,
        any_value(amount) - sum(part) as rest,
        arg_min(line, (-weight, line)) as heaviest
    from parts
    group by basket

)

select
    parts.basket,
    parts.line,
    money(parts.part + if(parts.line = rests.heaviest, rests.rest, 0)) as share
from parts
inner join rests on parts.basket = rests.basket;

-- Money per unit to the kopeck, half a kopeck away from zero, in whole numbers; nothing where there
-- are no units.
create or replace temp macro average(amount, units) as
    cast(
        sign(amount)
        * ((2 * abs(cast(cast(amount as decimal(36, 2)) * 100 as hugeint)) + units) // nullif(2 * units, 0))
        as decimal(18, 0)
    ) * cast(0.01 as decimal(2, 2));

-- What of a month's amount falls to its days up to one of them.
create or replace temp macro until(amount, day) as
    average(amount * date_part('day', day), date_part('day', last_day(day)));

-- The middle of amounts: of an even number, half way between the two in the middle.
create or replace temp macro middle(amount) as
    average(quantile_disc(amount, 0.5) - quantile_disc(-amount, 0.5), 2);

-- The month of a day, as its first day; in several times less time than date_trunc takes.
create or replace temp macro month_of(day) as
    cast(day as date) - cast(date_part('day', day) - 1 as integer);

-- The week of a day, as its Monday.
create or replace temp macro week_of(day) as cast(date_trunc('week', day) as date);

-- The twelve months up to this one.
create or replace temp macro year_start() as cast(month_of(getvariable('today')) - interval 11 month as date);

create or replace temp macro falls_in_year(month) as month between year_start() and month_of(getvariable('today'));

-- The periods of the summary: today and yesterday; the week from Monday and the month from the first, up to today; the
-- same days of the week and of the month before.
create or replace temp macro period_start(period) as
    cast(
        case period
            when 'today' then getvariable('today')
            when 'yesterday' then getvariable('today') - 1
            when 'week' then week_of(getvariable('today'))
            when 'last_week' then week_of(getvariable('today')) - 7
            when 'month' then month_of(getvariable('today'))
            when 'previous' then month_of(getvariable('today') - interval 1 month)
        end as date
    );

create or replace temp macro period_end(period) as
    cast(
        case period
            when 'yesterday' then getvariable('today') - 1
            when 'last_week' then getvariable('today') - 7
            when 'previous' then getvariable('today') - interval 1 month
            else getvariable('today')
        end as date
    );

create or replace temp macro falls_in(day, period) as day between period_start(period) and period_end(period);

create or replace temp macro is_recent(day) as
    falls_in(day, 'week') or falls_in(day, 'last_week') or falls_in(day, 'month') or falls_in(day, 'previous')
    or falls_in(day, 'yesterday');

-- What stands in place of an answer that nobody gave.
create or replace temp macro filled(answer) as
    coalesce(nullif(trim(answer), ''), 'не заполнено');

-- The client of a deal: the person, else the company.
create or replace temp macro client(person_name, company_name) as
    filled(coalesce(nullif(trim(person_name), ''), company_name));

-- Whether a deal in a pipeline of this kind is the service's and no longer the sellers'.
create or replace temp macro serviced(kind) as coalesce(kind = 'service', false);

-- How a person is called; one who is no longer among the users keeps a number.
create or replace temp macro person(name, id) as
    coalesce(nullif(trim(name), ''), 'пользователь ' || id, 'не известен');

-- The mark of a cohort whose leads have not had the usual time for a step: its age is counted from
-- the last day of its month. Nothing where no lead has ever made the step.
create or replace temp macro maturity(cohort_month, usual_days) as
    if(greatest(getvariable('today') - last_day(cohort_month), 0) < usual_days, 'незрелая', null);

-- Whether an article of overheads is one that wages are written under.
create or replace temp macro is_wages(article) as
    list_contains(
        list_transform(getvariable('wages_articles'), lambda word: lower(trim(word))), lower(trim(article))
    );

-- How much of the wages that are written among the overheads is a cost of its own. They are how the wages that were
-- worked out are paid, so they cost something only beyond them; where none were worked out, they are the wages.
create or replace temp macro beyond(typed, accrued) as
    if(coalesce(accrued, 0) > 0, greatest(typed - accrued, 0), typed);

-- What the overheads of a month are shared by.
create or replace temp macro overhead_key_label(key) as
    case key
        when 'turnover' then 'по обороту'
        when 'gross_profit' then 'по валовой прибыли'
        when 'equal' then 'поровну'
        when 'days_in_work' then 'по дням в работе'
    end;

-- How a payment is known.
create or replace temp macro proof_label(proof) as
    case proof
        when 'bank' then 'банк'
        when 'confirmed' then 'подтверждён'
        when 'invoice' then 'счёт'
        when 'field' then 'поле сделки'
        when 'won' then 'сделка завершена'
        else proof
    end;

-- Whether and when money runs out.
create or replace temp macro cash_note(least_amount, first_day, last_day) as
    case
        when least_amount is null then 'остаток на счетах не введён'
        when first_day is null then 'хватает до ' || strftime(last_day, '%d.%m.%Y')
        else 'ниже нуля ' || strftime(first_day, '%d.%m.%Y')
    end;

-- How much of a total is known.
create or replace temp macro coverage(known, total) as
    'по ' || known || ' из ' || total || ' сделок';

-- How long ago the day of payment came: the labels in order, and the one for a day.
create or replace temp macro ageing_buckets() as
    ['не наступил срок', 'сегодня', '1–7', '8–30', '31–60', '60+', 'без даты'];

create or replace temp macro ageing(due_on) as
    ageing_buckets()[
        case
            when due_on is null then 7
            when due_on > getvariable('today') then 1
            when due_on = getvariable('today') then 2
            when getvariable('today') - due_on <= 7 then 3
            when getvariable('today') - due_on <= 30 then 4
            when getvariable('today') - due_on <= 60 then 5
            else 6
        end
    ]
;

-- Money as people write it, to the kopeck.
create or replace temp macro written(amount) as replace(cast(money(amount) as varchar), '.', ',');

-- A number as people write it, without idle zeros.
create or replace temp macro plainly(number) as
    replace(regexp_replace(cast(number as varchar), '\.0+$|(\.\d*[1-9])0+$', '\1'), '.', ',');

-- A fraction as per cents.
create or replace temp macro percents(fraction) as plainly(cast(fraction * 100 as decimal(18, 4))) || ' %';

-- How much of a plan is done, cut to a tenth of a per cent: never more than was done, so that no threshold seems to be
-- met that was missed, and never less than the one that was met.
create or replace temp macro attained(fact, plan, threshold) as
    percents(greatest(
        cast(cast(fact * 100 as hugeint) * 1000 // nullif(cast(plan * 100 as hugeint), 0) as decimal(15, 0)) * 0.001,
        threshold
    ));

-- The net profit of every key: of the deals whose profit is known, how many they are, and what the others bear.
-- `lines`, the name of a table in quotes: key, is_main (whether the deal is counted here), and the figures of
-- mart.net_profit_by_deal.
create or replace temp macro net_profits(lines) as table
select
    key,
    count(*) filter (is_main) as deals,
    count(*) filter (is_complete and is_main) as complete_deals,
    coverage(count(*) filter (is_complete and is_main), count(*) filter (is_main)) as coverage,
    money(coalesce(sum(contract_amount) filter (is_complete), 0)) as complete_amount,
    money(sum(profit_amount)) as profit_amount,
    money(coalesce(sum(overheads_amount) filter (is_complete), 0)) as overheads_amount,
    money(coalesce(sum(commission_amount) filter (is_complete), 0)) as commission_amount,
    money(sum(net_amount)) as net_amount,
    share(sum(net_amount), sum(contract_amount) filter (is_complete)) as net_rate,
    money(coalesce(sum(overheads_amount) filter (not is_complete), 0)) as other_overheads
from query_table(lines)
group by key
