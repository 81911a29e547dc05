-- Title:   Поправки закрытых месяцев
-- Meaning: Что изменилось в сделках месяца после того, как его закрыли: сданный месяц остаётся прежним, разница стоит в открытом
--          месяце, по каждой сделке с причиной.
--          «Чистая прибыль сделок» — без рекламы, оклада и общих расходов прочих сделок, поэтому это не чистая прибыль листа
--          «Прибыли и убытки».
-- Grain:   month, for_month, figure, deal_id, manager_id
-- Date:    месяц, следующий за последним закрытым
-- Reads:   core.deals, core.frozen_figures, core.period_locks, core.turnover_entries, core.users, mart.period_figures
-- Columns:
--   month           | month  | Месяц
--   for_month       | month  | За месяц
--   figure          | hidden | Код показателя
--   title           | text   | Показатель
--   deal_id         | deal   | Сделка
--   name            | text   | Название
--   manager_id      | hidden | Номер менеджера
--   manager         | text   | Менеджер
--   reported_amount | money  | Было сдано
--   current_amount  | money  | По текущим данным
--   amount          | money  | Поправка
--   reason          | text   | Причина
-- Drill:
--   from core.frozen_figures as frozen
--   inner join mart.adjustments as adjustments on frozen.for_month = adjustments.for_month
--   and frozen.figure = adjustments.figure and frozen.deal_id = adjustments.deal_id
--   and frozen.manager_id is not distinct from adjustments.manager_id
--   where frozen.month in (select month from core.period_locks where reopened_at is null)
--   month           = adjustments.month
--   for_month       = frozen.for_month
--   figure          = frozen.figure
--   deal_id         = frozen.deal_id
--   manager_id      = frozen.manager_id
--   reported_amount = sum(frozen.amount)
--   from mart.period_figures as figures
--   inner join mart.adjustments as adjustments on figures.month = adjustments.for_month
--   and figures.figure = adjustments.figure and figures.deal_id = adjustments.deal_id
--   and figures.manager_id is not distinct from adjustments.manager_id
--   month          = adjustments.month
--   for_month      = figures.month
--   figure         = figures.figure
--   deal_id        = figures.deal_id
--   manager_id     = figures.manager_id
--   current_amount = sum(figures.amount)

with locks as (

    select month, closed_at from core.period_locks where reopened_at is null

),

open_month as (

    select cast(max(month) + interval 1 month as date) as month from locks

),

sides as (

    select for_month, figure, deal_id, manager_id, amount as reported, 0 as current
    from core.frozen_figures
    where month in (select month from locks)
    union all
    select month, figure, deal_id, manager_id, 0, amount
    from mart.period_figures

),

differences as (

    select
        for_month,
        figure,
        deal_id,
        manager_id,
        money(sum(reported)) as reported_amount,
        money(sum(current)) as current_amount,
        sum(sum(abs(reported))) over (partition by for_month, figure, deal_id) = 0 as is_new
    from sides
    group by for_month, figure, deal_id, manager_id
    qualify sum(reported) <> sum(current)

),

-- Contracts that were called off or in the trash when the month was closed, and stand again.
came_back as (

    select distinct locks.month as for_month, entries.deal_id
    from locks
    inner join core.turnover_entries as entries on entries.booked_at > locks.closed_at
    where entries.kind = 'resumed'

),

titles (figure, title, reason) as (

    values
        ('turnover', 'Оборот', 'изменились сумма, дата договора или ответственный'),
        ('received', 'Получено денег', 'изменились платежи'),
        ('gross_profit', 'Валовая прибыль', 'изменились расходы или сумма договора'),
        (
            'net_profit', 'Чистая прибыль сделок',
            'изменились прибыль, доля общих расходов или начисленная зарплата'
        )

)

select
    open_month.month,
    differences.for_month,
    differences.figure,
    titles.title,
    differences.deal_id,
    deals.name,
    differences.manager_id,
    person(users.name, differences.manager_id) as manager,
    differences.reported_amount,
    differences.current_amount,
    money(differences.current_amount - differences.reported_amount) as amount,
    case
        when deals.deal_id is null then 'сделки больше нет'
        when deals.is_deleted then 'сделка удалена'
        when deals.is_cancelled and differences.figure <> 'received' then 'договор расторгнут'
        when differences.is_new and differences.figure <> 'received' and came_back.deal_id is not null
            then 'договор восстановлен'
        else titles.reason
    end as reason
from differences
cross join open_month
inner join titles on differences.figure = titles.figure
left join core.deals as deals on differences.deal_id = deals.deal_id
left join came_back
    on differences.for_month = came_back.for_month and differences.deal_id = came_back.deal_id
left join core.users as users on differences.manager_id = users.user_id
order by open_month.month, differences.for_month, differences.figure, differences.deal_id, differences.manager_id
