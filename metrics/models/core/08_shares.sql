-- Who takes part in a deal and with which share. Shares of a deal and role add up to one, in millionths: what nobody is
-- named for is the owner's in a sale; elsewhere, and where more than all is given away, the shares keep their proportion.

delete from core.deal_shares where deal_id in (select deal_id from touched_deals);

insert into core.deal_shares by name
with names as (

    select cast(user_id as varchar) as word, user_id from core.users
    union
    select plain(name), min(user_id) from core.users where is_active group by plain(name)
    union
    select plain(name), min(user_id)
    from core.users
    group by plain(name)
    having not bool_or(is_active)

),

percents as (

    select
        deal_id,
        position,
        try_cast(replace(replace(rtrim(trim(words), '%'), ',', '.'), ' ', '') as decimal(18, 6)) as number,
        words like '%\%' escape '\' as has_sign
    from role_values
    where role = 'share_percent'

),

lines as (

    select
        named.deal_id,
        named.article as role,
        names.user_id as manager_id,
        cast(
            case
                when percents.number > 1 or percents.has_sign then percents.number * 10000
                when percents.number is not null then percents.number * 1000000
                else share_percents.percent * 10000
            end as bigint
        ) as stated
    from role_values as named
    inner join names on names.word = plain(named.words)
    left join percents on percents.deal_id = named.deal_id and percents.position = named.position
    left join share_percents on share_percents.position = named.position
    where named.role = 'share_manager'

),

wholes as (

    select
        deal_id,
        role,
        coalesce(sum(greatest(stated, 0)), 0) as stated,
        count(*) filter (stated is null) as open
    from lines
    group by deal_id, role

),

parts as (

    select
        lines.deal_id,
        lines.role,
        lines.manager_id,
        case
            when lines.stated is null then greatest(1000000 - wholes.stated, 0) // wholes.open
            when wholes.stated > 1000000 or (wholes.open = 0 and lines.role <> '')
                then greatest(lines.stated, 0) * 1000000 // nullif(wholes.stated, 0)
            else greatest(lines.stated, 0)
        end as millionths
    from lines
    inner join wholes using (deal_id, role)
    union all
    select
        wholes.deal_id,
        wholes.role,
        coalesce(deals.contract_manager_id, deals.owner_id),
        1000000 - wholes.stated
    from wholes
    inner join core.deals as deals using (deal_id)
    where wholes.role = '' and wholes.open = 0 and wholes.stated < 1000000

),

people as (

    select deal_id, role, manager_id, cast(sum(millionths) as bigint) as millionths
    from parts
    where manager_id is not null
    group by all
    having sum(millionths) > 0

)

select
    deal_id,
    cast(row_number() over (partition by deal_id order by role, manager_id) as integer) as seq,
    role,
    manager_id,
    cast(
        millionths + if(
            row_number() over (partition by deal_id, role order by millionths desc, manager_id) = 1,
            1000000 - sum(millionths) over (partition by deal_id, role),
            0
        ) as decimal(18, 0)
    ) * cast(0.000001 as decimal(7, 6)) as share
from people
order by deal_id, seq;
