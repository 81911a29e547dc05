-- Title:   Чьи движения
-- Meaning: Каждое оплачиваемое движение, разделённое между людьми по долям из полей сделки; где долей нет, всё — у
--          ответственного в тот момент; части складываются в целое до копейки.
-- Grain:   base, role, deal_id, seq, manager_id
-- Date:    дата события
-- Reads:   core.deal_shares, core.pay_rules, mart.payroll_movements
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

with roles as (

    select distinct base, role
    from core.pay_rules
    where base <> 'fixed'

),

-- A sale may be divided; who measured or mounted is said by a role of its own, or is the one in charge then.
people as (

    select
        roles.role,
        movements.*,
        coalesce(shares.manager_id, movements.manager_id) as credited_id,
        coalesce(shares.share, 1) as share
    from mart.payroll_movements as movements
    inner join roles on movements.base = roles.base
    left join (
        select deal_id, role, manager_id, sum(share) as share
        from core.deal_shares
        group by all
    ) as shares
        on movements.deal_id = shares.deal_id
        and roles.role = shares.role
        and (roles.role <> '' or movements.base not in ('measurement', 'installation'))
    where shares.manager_id is not null or roles.role = ''

),

-- Events are counted in shares of one, which the line of the slip multiplies; money is divided to the kopeck.
baskets as materialized (

    select
        {base: base, role: role, deal_id: deal_id, seq: seq} as basket,
        credited_id as line,
        cast(share * 1000000 as bigint) as weight,
        amount
    from people
    where share <> 1 and base not in ('measurement', 'installation')

)

select
    people.base,
    people.role,
    people.deal_id,
    people.seq,
    people.credited_id as manager_id,
    people.on_day,
    people.kind,
    cast(people.share as decimal(18, 6)) as share,
    coalesce(parts.share, people.amount) as amount
from people
left join divided('baskets') as parts
    on people.share <> 1
    and parts.line = people.credited_id
    and parts.basket
    = {base: people.base, role: people.role, deal_id: people.deal_id, seq: people.seq}
order by people.base, people.role, people.deal_id, people.seq, people.credited_id
