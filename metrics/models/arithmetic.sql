-- The arithmetic that all marts share; the only place where a figure is rounded.
-- Made anew for every build; temporary, so that nothing of it stays in the warehouse.

-- An amount of money.
create or replace temp macro money(amount) as cast(amount as decimal(18, 2));

-- A count.
create or replace temp macro whole(number) as cast(number as bigint);

-- A part of a whole as a fraction; nothing where the whole is 0.
create or replace temp macro share(part, whole_amount) as
    cast(part / nullif(whole_amount, 0) as decimal(18, 6));

-- Money per unit to the kopeck, half a kopeck away from zero, in whole numbers; nothing where there are no units.
create or replace temp macro average(amount, units) as
    cast(
        sign(amount)
        * ((2 * abs(cast(amount * 100 as hugeint)) + units) // nullif(2 * units, 0))
        as decimal(18, 0)
    ) * cast(0.01 as decimal(2, 2));

-- The middle of amounts: of an even number, half way between the two in the middle.
create or replace temp macro middle(amount) as
    average(quantile_disc(amount, 0.5) - quantile_disc(-amount, 0.5), 2);

-- The month of a day, as its first day.
create or replace temp macro month_of(day) as cast(date_trunc('month', day) as date)
