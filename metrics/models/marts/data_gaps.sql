-- Title:   Чего не хватает в данных
-- Meaning: Сколько сделок и строк не попадает в показатели и почему: без суммы, без расходов, без дат, проверочные;
--          сколько сделок пора передать, потому что их ответственный отключён или его нет в списке сотрудников; доля —
--          от тех, у кого это должно быть.
-- Grain:   line
-- Date:    на сегодня
-- Reads:   core.deals, core.overheads, core.payments, core.pipelines, core.plans, core.users, mart.discounts,
--          mart.overhead_totals, mart.profit_by_deal
-- Columns:
--   line   | hidden  | Порядок
--   gap    | text    | Чего не хватает
--   rows   | integer | Сколько
--   whole  | integer | Из скольких
--   rate   | percent | Доля
--   effect | text    | На что влияет
-- Drill:
--   from mart.profit_by_deal as profits
--   inner join core.deals as deals on profits.deal_id = deals.deal_id
--   line  = 1
--   rows  = count(*) filter (profits.contract_amount is null)
--   whole = count(*)
--   from mart.profit_by_deal as profits
--   inner join core.deals as deals on profits.deal_id = deals.deal_id
--   line  = 2
--   rows  = count(*) filter (profits.articles_known < profits.articles_total or profits.articles_total = 0)
--   whole = count(*)
--   from mart.profit_by_deal as profits
--   inner join core.deals as deals on profits.deal_id = deals.deal_id
--   where deals.step is distinct from 'won'
--   line  = 3
--   rows  = count(*) filter (deals.installation_on is null)
--   whole = count(*)
--   from mart.profit_by_deal as profits
--   inner join core.deals as deals on profits.deal_id = deals.deal_id
--   line  = 4
--   rows  = count(*) filter (profits.product = filled(null))
--   whole = count(*)
--   from mart.discounts as discounts
--   line  = 5
--   rows  = count(*) filter (not discounts.is_known)
--   whole = count(*)
--   from core.deals as deals where deals.is_sale and not deals.is_deleted
--   line  = 6
--   rows  = count(*) filter (filled(deals.source) = filled(null))
--   whole = count(*)
--   from core.deals as deals where deals.is_sale and not deals.is_deleted and deals.is_lost
--   line  = 7
--   rows  = count(*) filter (filled(deals.loss_reason) = filled(null))
--   whole = count(*)
--   from core.payments as payments
--   inner join core.deals as deals on payments.deal_id = deals.deal_id where deals.is_sale
--   line  = 8
--   rows  = count(*) filter (payments.paid_on is null)
--   whole = count(*)
--   from core.payments as payments
--   inner join core.deals as deals on payments.deal_id = deals.deal_id where deals.is_sale
--   line  = 9
--   rows  = count(*) filter (payments.amount is null)
--   whole = count(*)
--   from core.plans as plans
--   line  = 10
--   rows  = count(*) filter (plans.whom <> '' and plans.manager_id is null)
--   whole = count(*)
--   from mart.overhead_totals as months
--   line  = 11
--   rows  = count(*) filter (months.undivided_amount <> 0)
--   whole = count(*)
--   from core.deals as deals where not deals.is_deleted
--   line  = 12
--   rows  = count(*) filter (deals.is_test)
--   whole = count(*)
--   from core.deals as deals
--   left join core.pipelines as pipelines on deals.pipeline_id = pipelines.pipeline_id
--   left join core.users as users on deals.owner_id = users.user_id
--   where deals.is_sale and not deals.is_deleted and not deals.is_lost and deals.step is distinct from 'won'
--   and not serviced(pipelines.kind) and deals.owner_id is not null
--   line  = 13
--   rows  = count(*) filter (not coalesce(users.is_active, false))
--   whole = count(*)

with contracts as (

    select
        count(*) as whole,
        count(*) filter (profits.contract_amount is null) as without_amount,
        count(*) filter (
            profits.articles_known < profits.articles_total or profits.articles_total = 0
        ) as without_costs,
        count(*) filter (profits.product = filled(null)) as without_product,
        count(*) filter (
            deals.installation_on is null and deals.step is distinct from 'won'
        ) as without_installation,
        count(*) filter (deals.step is distinct from 'won') as unfinished
    from mart.profit_by_deal as profits
    inner join core.deals as deals on profits.deal_id = deals.deal_id

),

leads as (

    select
        count(*) filter (is_sale and not is_deleted) as whole,
        count(*) filter (is_sale and not is_deleted and filled(source) = filled(null)) as without_source,
        count(*) filter (is_sale and not is_deleted and is_lost) as lost,
        count(*) filter (
            is_sale and not is_deleted and is_lost and filled(loss_reason) = filled(null)
        ) as without_reason,
        count(*) filter (not is_deleted) as everything,
        count(*) filter (is_test and not is_deleted) as tests
    from core.deals

),

prices as (

    select count(*) as whole, count(*) filter (not is_known) as unknown
    from mart.discounts

),

money_in as (

    select
        count(*) as whole,
        count(*) filter (payments.amount is null) as without_amount,
        count(*) filter (payments.paid_on is null) as without_date
    from core.payments as payments
    inner join core.deals as deals on payments.deal_id = deals.deal_id
    where deals.is_sale

),

plans as (

    select count(*) as whole, count(*) filter (whom <> '' and manager_id is null) as unknown
    from core.plans

),

overheads as (

    select
        (select count(*) from core.overheads) as whole,
        (select count(*) from mart.overhead_totals where undivided_amount <> 0) as undivided,
        (select count(*) from mart.overhead_totals) as months

),

in_hand as (

    select
        count(*) as whole,
        count(*) filter (not coalesce(users.is_active, false)) as orphaned
    from core.deals as deals
    left join core.pipelines as pipelines on deals.pipeline_id = pipelines.pipeline_id
    left join core.users as users on deals.owner_id = users.user_id
    where
        deals.is_sale and not deals.is_deleted and not deals.is_lost and deals.step is distinct from 'won'
        and not serviced(pipelines.kind) and deals.owner_id is not null

),

gaps (line, gap, rows, whole, effect) as (

    select 1, 'Договоры без суммы', without_amount, whole, 'оборот, средний чек, прибыль, долги' from contracts
    union all
    select 2, 'Договоры без всех расходов', without_costs, whole, 'прибыль и маржа' from contracts
    union all
    select 3, 'Договоры без даты монтажа', without_installation, unfinished, 'график платежей, просрочка'
    from contracts
    union all
    select 4, 'Договоры без продукта', without_product, whole, 'прибыль по продуктам' from contracts
    union all
    select 5, 'Договоры без суммы по прайсу', unknown, whole, 'скидки' from prices
    union all
    select 6, 'Заявки без источника', without_source, whole, 'источники, отдача рекламы' from leads
    union all
    select 7, 'Отказы без причины', without_reason, lost, 'причины отказов, упущенная прибыль' from leads
    union all
    select 8, 'Платежи без даты', without_date, whole, 'поступления, долги' from money_in
    union all
    select 9, 'Платежи в валюте без курса', without_amount, whole, 'поступления, долги' from money_in
    union all
    select 10, 'Планы неизвестных менеджеров', unknown, whole, 'план и факт' from plans
    union all
    select 11, 'Месяцы с нераспределёнными общими расходами', undivided, months, 'чистая прибыль сделок'
    from overheads
    union all
    select 12, 'Проверочные сделки', tests, everything, 'исключены отовсюду' from leads
    union all
    select 13, 'Открытые сделки без действующего сотрудника', orphaned, whole, 'их никто не ведёт: передать другому' from in_hand

)

select line, gap, rows, whole, share(rows, whole) as rate, effect
from gaps
order by line
