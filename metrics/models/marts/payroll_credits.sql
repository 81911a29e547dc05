-- Title:   Чьи движения
-- Meaning: Каждое оплачиваемое движение, разделённое между людьми по долям из полей сделки; где долей нет, всё — у
--          ответственного в тот момент; части складываются в целое до копейки.
-- Grain:   base, role, deal_id, seq, manager_id
-- Date:    дата события
-- Reads:   core.deal_shares, core.pay_rules, mart.payroll_movements
-- Refresh: deal_id
-- Columns:
--   base       | hidden  | Код основания
--   role       | hidden  | Роль
--   deal_id    | deal    | Сделка
--   seq        | integer | Номер
--   manager_id | hidden  | Номер менеджера
--   on_day     | date    | Дата
--   kind       | hidden  | Вид движения
--   share      | percent | Доля
--   amount     | money   | База
-- Drill:
--   from mart.payroll_movements as movements
--   inner join (
--       select base, role, deal_id, seq, count(*) as people from mart.payroll_credits group by all
--   ) as credits
--       on movements.base = credits.base and movements.deal_id = credits.deal_id and movements.seq = credits.seq
--   base    = credits.base
--   role    = credits.role
--   deal_id = credits.deal_id
--   seq     = credits.seq
--   amount  = sum(movements.amount * if(movements.base in ('measurement', 'installation'), credits.people, 1))

-- Whose shares a rule asks for: an event without a role is that of who does such work, a sale's role has no name.
with roles as (

    select distinct
        base,
        role,
        if(role = '' and base in ('measurement', 'installation'), base, role) as shared_as,
        role in ('', base) as is_of_the_one_in_charge
    from core.pay_rules
    where base <> 'fixed'

),

movements as (

    select
        movements.*,
        roles.role,
        roles.shared_as,
        roles.is_of_the_one_in_charge
    from mart.payroll_movements as movements
    inner join roles on movements.base = roles.base

),

shares as (

    select
        deal_id,
        role as shared_as,
        manager_id,
        sum(share) as share,
        cast(sum(share) * 1000000 as bigint) as weight
    from core.deal_shares
    group by deal_id, role, manager_id

),

undivided as (

    select base, role, deal_id, seq, manager_id, on_day, kind, 1 as share, amount
    from movements
    anti join shares on movements.deal_id = shares.deal_id and movements.shared_as = shares.shared_as
    where is_of_the_one_in_charge

),

divided_among as materialized (

    select
        movements.*,
        shares.manager_id as credited_id,
        shares.share,
        shares.weight,
        dense_rank() over (order by movements.base, movements.role, movements.deal_id, movements.seq) as basket
    from movements
    inner join shares on movements.deal_id = shares.deal_id and movements.shared_as = shares.shared_as

),

-- Events are counted in shares of one, which the line of the slip multiplies; money is divided to the kopeck.
baskets as materialized (

    select basket, credited_id as line, weight, amount
    from divided_among
    where base not in ('measurement', 'installation')

),

credits as (

    select * from undivided
    union all
    select
        people.base,
        people.role,
        people.deal_id,
        people.seq,
        people.credited_id,
        people.on_day,
        people.kind,
        people.share,
        coalesce(parts.share, people.amount)
    from divided_among as people
    left join divided('baskets') as parts
        on people.basket = parts.basket and people.credited_id = parts.line

)

select
    base,
    role,
    deal_id,
    seq,
    manager_id,
    on_day,
    kind,
    cast(share as decimal(18, 6)) as share,
    amount
from credits
order by base, role, deal_id, seq, manager_id
