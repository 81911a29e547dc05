-- Title:   Прибыль по сделкам
-- Meaning: Валовая прибыль подписанной и не расторгнутой сделки — сумма договора минус прямые расходы; пока не
--          заполнена сумма или хоть одна статья, прибыли нет, есть только граница «не больше».
-- Grain:   deal_id
-- Date:    дата договора
-- Reads:   core.companies, core.contacts, core.costs, core.deals, core.users
-- Refresh: deal_id
-- Total:   contract_amount, known_costs, profit_amount
--          margin_rate = profit_amount / contract_amount where profit_amount is not null
-- Coverage: прибыль известна = rows where missing is null / rows
-- Columns:
--   deal_id         | deal    | Сделка
--   name            | text    | Название
--   client          | text    | Клиент
--   product         | text    | Продукт
--   source          | hidden  | Источник
--   manager_id      | hidden  | Номер менеджера
--   manager         | text    | Менеджер
--   contract_on     | date    | Дата договора
--   contract_amount | money   | Сумма договора
--   known_costs     | money   | Известные расходы
--   articles_known  | integer | Статей заполнено
--   articles_total  | integer | Статей всего
--   profit_amount   | money   | Валовая прибыль
--   margin_rate     | percent | Маржа
--   profit_limit    | money   | Не больше
--   status          | text    | Состояние
--   missing         | text    | Не заполнено
--   is_complete     | hidden  | Прибыль известна
-- Drill:
--   from core.deals as deals where deals.is_sale and deals.is_signed and not deals.is_cancelled
--   deal_id         = deals.deal_id
--   contract_amount = sum(deals.contract_amount)
--   from core.costs as costs
--   inner join core.deals as deals on costs.deal_id = deals.deal_id
--   where deals.is_sale and deals.is_signed and not deals.is_cancelled
--   deal_id        = costs.deal_id
--   known_costs    = sum(costs.amount)
--   articles_known = count(costs.amount)
--   articles_total = count(*)
--   profit_amount  = if(count(*) = count(costs.amount), max(nullif(deals.contract_amount, 0)) - sum(costs.amount),
--       null)

with costs as (

    select
        deal_id,
        sum(amount) as known_costs,
        count(amount) as articles_known,
        count(*) as articles_total,
        string_agg(article, ', ' order by article) filter (amount is null) as missing
    from core.costs
    group by deal_id

),

signed as (

    select
        deals.*,
        nullif(deals.contract_amount, 0) as known_amount,
        coalesce(costs.known_costs, 0) as known_costs,
        coalesce(costs.articles_known, 0) as articles_known,
        coalesce(costs.articles_total, 0) as articles_total,
        concat_ws(
            ', ',
            if(coalesce(deals.contract_amount, 0) = 0, 'сумма договора', null),
            if(costs.deal_id is null, 'статьи расходов', costs.missing)
        ) as missing
    from core.deals as deals
    left join costs on deals.deal_id = costs.deal_id
    where deals.is_sale and deals.is_signed and not deals.is_cancelled

)

select
    signed.deal_id,
    signed.name,
    client(contacts.name, companies.name) as client,
    filled(signed.product) as product,
    filled(signed.source) as source,
    signed.contract_manager_id as manager_id,
    person(users.name, signed.contract_manager_id) as manager,
    signed.contract_on,

    money(signed.known_amount) as contract_amount,
    money(if(signed.articles_known = 0, null, signed.known_costs)) as known_costs,
    signed.articles_known,
    signed.articles_total,
    money(if(signed.missing = '', signed.known_amount - signed.known_costs, null)) as profit_amount,
    share(
        if(signed.missing = '', signed.known_amount - signed.known_costs, null), signed.known_amount
    ) as margin_rate,
    money(if(signed.missing = '', null, signed.known_amount - signed.known_costs)) as profit_limit,

    if(signed.missing = '', 'точно', 'предварительно') as status,
    nullif(signed.missing, '') as missing,
    signed.missing = '' as is_complete
from signed
left join core.contacts as contacts on signed.contact_id = contacts.contact_id
left join core.companies as companies on signed.company_id = companies.company_id
left join core.users as users on signed.contract_manager_id = users.user_id
order by signed.deal_id
