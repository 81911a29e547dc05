-- Title:   Сдано по менеджерам
-- Meaning: Месяцы такими, какими их сдали: у закрытого месяца — закреплённые суммы, у открытого — текущие и поправки за закрытые;
--          рядом то же по сегодняшним данным. Сумма всех месяцев в обоих видах одна и та же.
--          «Чистая прибыль сделок» — без рекламы, оклада и общих расходов прочих сделок, поэтому это не чистая прибыль листа
--          «Прибыли и убытки».
-- Grain:   month, figure, manager_id
-- Date:    оборот — дата движения, деньги — дата платежа, прибыль — дата договора
-- Reads:   core.deals, core.frozen_figures, core.period_locks, core.users, mart.adjustments,
--          mart.net_profit_credits, mart.profit_credits, mart.receipt_parts, mart.turnover_credits
-- Columns:
--   month           | month  | Месяц
--   figure          | hidden | Код показателя
--   title           | text   | Показатель
--   manager_id      | hidden | Номер менеджера
--   manager         | text   | Менеджер
--   own_amount      | money  | Свои сделки
--   adjusted_amount | money  | Поправки за закрытые
--   amount          | money  | Сдано
--   current_amount  | money  | По текущим данным
--   state           | text   | Состояние
-- Drill:
--   from mart.turnover_credits as entries
--   left join core.period_locks as locks on locks.month = month_of(entries.booked_on) and locks.reopened_at is null
--   where exists (select 1 from core.period_locks where reopened_at is null)
--   month           = month_of(entries.booked_on)
--   figure          = 'turnover'
--   manager_id      = entries.manager_id
--   own_amount      = sum(entries.amount) filter (locks.month is null)
--   amount          = sum(entries.amount) filter (locks.month is null)
--   current_amount  = sum(entries.amount)
--   from mart.receipt_parts as parts
--   inner join core.deals as deals on parts.deal_id = deals.deal_id
--   left join core.period_locks as locks on locks.month = parts.month and locks.reopened_at is null
--   where exists (select 1 from core.period_locks where reopened_at is null)
--   month           = parts.month
--   figure          = 'received'
--   manager_id      = if(deals.contract_manager_id is null, null, parts.manager_id)
--   own_amount      = sum(parts.amount) filter (locks.month is null)
--   amount          = sum(parts.amount) filter (locks.month is null)
--   current_amount  = sum(parts.amount)
--   from mart.profit_credits as profits
--   left join core.period_locks as locks on locks.month = month_of(profits.contract_on) and locks.reopened_at is null
--   where exists (select 1 from core.period_locks where reopened_at is null)
--   month           = month_of(profits.contract_on)
--   figure          = 'gross_profit'
--   manager_id      = profits.manager_id
--   own_amount      = sum(profits.profit_amount) filter (locks.month is null)
--   amount          = sum(profits.profit_amount) filter (locks.month is null)
--   current_amount  = sum(profits.profit_amount)
--   from mart.net_profit_credits as profits
--   left join core.period_locks as locks on locks.month = month_of(profits.contract_on) and locks.reopened_at is null
--   where exists (select 1 from core.period_locks where reopened_at is null)
--   month           = month_of(profits.contract_on)
--   figure          = 'net_profit'
--   manager_id      = profits.manager_id
--   own_amount      = sum(profits.net_amount) filter (locks.month is null)
--   amount          = sum(profits.net_amount) filter (locks.month is null)
--   current_amount  = sum(profits.net_amount)
--   from core.frozen_figures as frozen
--   inner join core.period_locks as locks on frozen.month = locks.month and locks.reopened_at is null
--   month           = frozen.month
--   figure          = frozen.figure
--   manager_id      = frozen.manager_id
--   own_amount      = sum(frozen.amount) filter (frozen.for_month = frozen.month)
--   adjusted_amount = sum(frozen.amount) filter (frozen.for_month <> frozen.month)
--   amount          = sum(frozen.amount)
--   from mart.adjustments as adjustments
--   month           = adjustments.month
--   figure          = adjustments.figure
--   manager_id      = adjustments.manager_id
--   adjusted_amount = sum(adjustments.amount)
--   amount          = sum(adjustments.amount)

with locks as (

    select month from core.period_locks where reopened_at is null

),

live as (

    select 'turnover' as figure, month_of(booked_on) as month, manager_id, sum(amount) as amount
    from mart.turnover_credits
    where exists (from locks)
    group by all
    union all
    select
        'received', parts.month, if(deals.contract_manager_id is null, null, parts.manager_id), sum(parts.amount)
    from mart.receipt_parts as parts
    inner join core.deals as deals on parts.deal_id = deals.deal_id
    where exists (from locks)
    group by all
    union all
    select 'gross_profit', month_of(contract_on), manager_id, sum(profit_amount)
    from mart.profit_credits
    where profit_amount is not null and exists (from locks)
    group by all
    union all
    select 'net_profit', month_of(contract_on), manager_id, sum(net_amount)
    from mart.net_profit_credits
    where net_amount is not null and exists (from locks)
    group by all

),

parts as (

    select figure, month, manager_id, amount as own, 0 as adjusted, amount as current
    from live
    where month not in (from locks)
    union all
    select figure, month, manager_id, 0, 0, amount
    from live
    where month in (from locks)
    union all
    select
        figure, month, manager_id,
        if(for_month = month, amount, 0), if(for_month = month, 0, amount), 0
    from core.frozen_figures
    where month in (from locks)
    union all
    select figure, month, manager_id, 0, amount, 0
    from mart.adjustments

),

titles (figure, title) as (

    values ('turnover', 'Оборот'), ('received', 'Получено денег'), ('gross_profit', 'Валовая прибыль'),
        ('net_profit', 'Чистая прибыль сделок')

)

select
    parts.month,
    parts.figure,
    titles.title,
    parts.manager_id,
    person(any_value(users.name), parts.manager_id) as manager,
    money(sum(parts.own)) as own_amount,
    money(sum(parts.adjusted)) as adjusted_amount,
    money(sum(parts.own) + sum(parts.adjusted)) as amount,
    money(sum(parts.current)) as current_amount,
    if(parts.month in (from locks), 'закрыт', 'открыт') as state
from parts
inner join titles on parts.figure = titles.figure
left join core.users as users on parts.manager_id = users.user_id
group by parts.month, parts.figure, titles.title, parts.manager_id
order by parts.month, parts.figure, parts.manager_id
