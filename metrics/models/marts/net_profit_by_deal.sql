-- Title:   Чистая прибыль по сделкам
-- Meaning: Валовая прибыль сделки минус её доля общих расходов и начисленная за неё зарплата; пока валовая прибыль
--          неизвестна, неизвестна и чистая.
-- Grain:   deal_id
-- Date:    дата договора; общие расходы — месяц договора (при ключе «по дням в работе» — месяцы работы)
-- Reads:   mart.overhead_shares, mart.payroll_lines, mart.profit_by_deal
-- Refresh: deal_id
-- Equals:  profit_amount = mart.profit_by_deal.profit_amount by deal_id
--          overheads_amount = mart.overhead_totals.shared_amount
-- Total:   contract_amount, known_costs, profit_amount, overheads_amount, commission_amount, net_amount
--          net_rate = net_amount / contract_amount where net_amount is not null
-- Coverage: прибыль известна = rows where net_amount is not null / rows
-- Columns:
--   deal_id           | deal    | Сделка
--   name              | text    | Название
--   client            | text    | Клиент
--   product           | text    | Продукт
--   source            | text    | Источник
--   manager_id        | hidden  | Номер менеджера
--   manager           | text    | Менеджер
--   contract_on       | date    | Дата договора
--   contract_amount   | money   | Сумма договора
--   known_costs       | money   | Известные расходы
--   profit_amount     | money   | Валовая прибыль
--   overheads_amount  | money   | Доля общих расходов
--   commission_amount | money   | Зарплата за сделку
--   net_amount        | money   | Чистая прибыль
--   net_rate          | percent | Рентабельность
--   status            | text    | Состояние
--   is_complete       | hidden  | Прибыль известна
-- Drill:
--   from mart.profit_by_deal as deals
--   deal_id         = deals.deal_id
--   contract_amount = sum(deals.contract_amount)
--   known_costs     = sum(deals.known_costs)
--   profit_amount   = sum(deals.profit_amount)
--   from mart.overhead_shares as shares where shares.deal_id is not null
--   deal_id          = shares.deal_id
--   overheads_amount = sum(shares.amount)
--   from mart.payroll_lines as lines
--   where lines.deal_id in (select deal_id from mart.profit_by_deal)
--   deal_id           = lines.deal_id
--   commission_amount = sum(lines.amount)

with overheads as (

    select deal_id, sum(amount) as amount
    from mart.overhead_shares
    where deal_id is not null
    group by deal_id

),

commissions as (

    select deal_id, sum(amount) as amount
    from mart.payroll_lines
    where deal_id is not null
    group by deal_id

),

profits as (

    select
        profits.*,
        coalesce(overheads.amount, 0) as overheads_amount,
        coalesce(commissions.amount, 0) as commission_amount,
        profits.profit_amount - coalesce(overheads.amount, 0) - coalesce(commissions.amount, 0) as net_amount
    from mart.profit_by_deal as profits
    left join overheads on profits.deal_id = overheads.deal_id
    left join commissions on profits.deal_id = commissions.deal_id

)

select
    profits.deal_id,
    profits.name,
    profits.client,
    profits.product,
    profits.source,
    profits.manager_id,
    profits.manager,
    profits.contract_on,

    profits.contract_amount,
    profits.known_costs,
    profits.profit_amount,
    money(profits.overheads_amount) as overheads_amount,
    money(profits.commission_amount) as commission_amount,
    money(profits.net_amount) as net_amount,
    share(profits.net_amount, profits.contract_amount) as net_rate,

    profits.status,
    profits.is_complete
from profits
order by profits.deal_id
