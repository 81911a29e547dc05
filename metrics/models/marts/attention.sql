-- Title:   Требует внимания
-- Meaning: По четыре самых крупных сделки каждого вида: клиент не заплатил в срок, заявкой никто не занялся три дня и
--          дольше, нет даты монтажа, нет суммы договора, не заполнены расходы; дни — просрочки, ожидания или после
--          договора.
-- Grain:   line, deal_id
-- Date:    на сегодня
-- Reads:   core.companies, core.contacts, core.deals, core.users, mart.profit_by_deal, mart.receivables
-- Columns:
--   line       | hidden  | Порядок
--   what       | text    | Что не так
--   deal_id    | deal    | Сделка
--   name       | text    | Название
--   client     | text    | Клиент
--   manager    | text    | Менеджер
--   days       | days    | Дней
--   amount     | money   | Сумма
-- Drill:
--   from mart.receivables as debts
--   inner join mart.attention as shown on debts.deal_id = shown.deal_id and shown.line = 1
--   line    = 1
--   deal_id = debts.deal_id
--   days    = sum(debts.overdue_days)
--   amount  = sum(debts.overdue_amount)
--   from core.deals as deals
--   inner join mart.attention as shown on deals.deal_id = shown.deal_id and shown.line = 2
--   line    = 2
--   deal_id = deals.deal_id
--   days    = sum(getvariable('today') - deals.lead_on)
--   amount  = sum(deals.price)
--   from mart.profit_by_deal as profits
--   inner join mart.attention as shown on profits.deal_id = shown.deal_id and shown.line > 2
--   line    = shown.line
--   deal_id = profits.deal_id
--   days    = sum(getvariable('today') - profits.contract_on)
--   amount  = sum(profits.contract_amount)

with leads as (

    select
        deals.deal_id,
        deals.name,
        client(contacts.name, companies.name) as client,
        person(users.name, deals.owner_id) as manager,
        getvariable('today') - deals.lead_on as days,
        deals.price as amount
    from core.deals as deals
    left join core.contacts as contacts on deals.contact_id = contacts.contact_id
    left join core.companies as companies on deals.company_id = companies.company_id
    left join core.users as users on deals.owner_id = users.user_id
    where
        deals.is_sale and not deals.is_deleted and not deals.is_signed
        and deals.step = 'new' and getvariable('today') - deals.lead_on >= 3

),

contracts as (

    select
        profits.deal_id,
        profits.name,
        profits.client,
        profits.manager,
        getvariable('today') - profits.contract_on as days,
        profits.contract_amount as amount,
        deals.step is distinct from 'won' and deals.installation_on is null as lacks_date,
        profits.contract_amount is null as lacks_amount,
        profits.articles_known < profits.articles_total or profits.articles_total = 0 as lacks_costs
    from mart.profit_by_deal as profits
    inner join core.deals as deals on profits.deal_id = deals.deal_id

),

found as (

    select 1 as line, 'Просрочена оплата' as what, deal_id, name, client, manager, overdue_days as days, overdue_amount as amount
    from mart.receivables
    where overdue_amount > 0
    union all
    select 2 as line, 'Заявка без движения' as what, * from leads
    union all
    select 3 as line, 'Нет даты монтажа' as what, * exclude (lacks_date, lacks_amount, lacks_costs)
    from contracts where lacks_date
    union all
    select 4 as line, 'Нет суммы договора' as what, * exclude (lacks_date, lacks_amount, lacks_costs)
    from contracts where lacks_amount
    union all
    select 5 as line, 'Не все расходы' as what, * exclude (lacks_date, lacks_amount, lacks_costs)
    from contracts where lacks_costs

)

select
    line,
    what,
    deal_id,
    name,
    client,
    manager,
    days,
    money(amount) as amount
from found
qualify row_number() over (partition by line order by amount desc nulls last, days desc, deal_id) <= 4
order by line, deal_id
