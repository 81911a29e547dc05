-- Title:   Сводка
-- Meaning: Главные цифры за сегодня, за неделю с понедельника и за месяц с первого числа, всё по сегодня
--          включительно, рядом — те же числа прошлого месяца; изменение — месяц к прошлому месяцу;
--          цифры «сейчас» стоят в столбце «Сегодня».
-- Grain:   line
-- Date:    у каждой цифры своя: заявки — дата заявки, события — дата события, деньги — дата движения
-- Reads:   core.deals, core.payments, core.stage_entries, core.turnover_entries, mart.cash_gap, mart.month_result,
--          mart.payment_schedule_deals, mart.profit_by_deal, mart.receivables
-- Columns:
--   line     | hidden  | Порядок
--   figure   | text    | Показатель
--   today    | by_row  | Сегодня
--   week     | by_row  | Неделя
--   month    | by_row  | Месяц
--   previous | by_row  | Прошлый месяц, те же числа
--   change   | percent | Изменение за месяц
--   format   | hidden  | Вид числа
--   note     | text    | Примечание

with periods as (

    select
        unnest(['today', 'week', 'month', 'previous']) as period,
        unnest([
            getvariable('today'),
            cast(date_trunc('week', getvariable('today')) as date),
            month_of(getvariable('today')),
            month_of(getvariable('today') - interval 1 month)
        ]) as first_day,
        unnest([
            getvariable('today'),
            getvariable('today'),
            getvariable('today'),
            cast(getvariable('today') - interval 1 month as date)
        ]) as last_day

),

leads as (

    select * from core.deals where is_sale and not is_deleted

),

turnover as (

    select entries.kind, entries.booked_on, entries.amount
    from core.turnover_entries as entries
    inner join core.deals as deals on entries.deal_id = deals.deal_id
    where deals.is_sale

),

facts as (

    select 'leads' as fact, lead_on as day, 1 as amount from leads
    union all
    select 'measures' as fact, measure_on as day, 1 as amount from leads
    union all
    select 'contracts' as fact, contract_reached_on as day, 1 as amount from leads
    union all
    select 'losses' as fact, entries.entered_on as day, 1 as amount
    from core.stage_entries as entries
    inner join leads on entries.deal_id = leads.deal_id
    where entries.step = 'lost' and entries.previous_step is distinct from 'lost'
    union all
    select kind as fact, booked_on as day, amount from turnover
    union all
    select 'net' as fact, booked_on as day, amount from turnover
    union all
    select 'priced' as fact, booked_on as day, 1 as amount
    from turnover
    where kind = 'signed' and amount <> 0
    union all
    select 'received' as fact, payments.paid_on as day, payments.amount
    from core.payments as payments
    inner join core.deals as deals on payments.deal_id = deals.deal_id
    where deals.is_sale and payments.is_confirmed
    union all
    select 'profit' as fact, contract_on as day, profit_amount as amount
    from mart.profit_by_deal
    where is_complete
    union all
    select 'profit_base' as fact, contract_on as day, contract_amount as amount
    from mart.profit_by_deal
    where is_complete
    union all
    select 'complete' as fact, contract_on as day, 1 as amount
    from mart.profit_by_deal
    where is_complete
    union all
    select 'running' as fact, contract_on as day, 1 as amount from mart.profit_by_deal

),

days as (

    select fact, day, sum(amount) as amount
    from facts
    where day between month_of(getvariable('today') - interval 1 month) and getvariable('today')
    group by fact, day

),

totals as (

    select days.fact, periods.period, sum(days.amount) as amount
    from days
    inner join periods on days.day between periods.first_day and periods.last_day
    group by days.fact, periods.period

),

asked (line, figure, format, rule, fact, base) as (

    values
        (1, 'Заявки', 'integer', 'sum', 'leads', null),
        (2, 'Замеры/КП', 'integer', 'sum', 'measures', null),
        (3, 'Договоры', 'integer', 'sum', 'contracts', null),
        (4, 'Отказы', 'integer', 'sum', 'losses', null),
        (5, 'Замеры/КП к заявкам', 'percent', 'share', 'measures', 'leads'),
        (6, 'Договоры к заявкам', 'percent', 'share', 'contracts', 'leads'),
        (7, 'Подписано', 'money', 'sum', 'signed', null),
        (8, 'Расторгнуто', 'money', 'sum', 'cancelled', null),
        (9, 'Чистый оборот', 'money', 'sum', 'net', null),
        (10, 'Средний чек', 'money', 'average', 'signed', 'priced'),
        (11, 'Получено денег', 'money', 'sum', 'received', null),
        (12, 'Валовая прибыль', 'money', 'known', 'profit', 'complete'),
        (13, 'Маржа', 'percent', 'share', 'profit', 'profit_base')

),

answers as (

    select
        asked.line,
        periods.period,
        case asked.rule
            when 'sum' then any_figure(coalesce(facts.amount, 0))
            when 'known' then any_figure(if(bases.amount > 0, facts.amount, null))
            when 'share' then any_figure(share(coalesce(facts.amount, 0), bases.amount))
            when 'average' then any_figure(average(facts.amount, whole(bases.amount)))
        end as answer
    from asked
    cross join periods
    left join totals as facts on asked.fact = facts.fact and periods.period = facts.period
    left join totals as bases on asked.base = bases.fact and periods.period = bases.period

),

known as (

    select
        coverage(
            whole(coalesce(max(amount) filter (fact = 'complete'), 0)),
            whole(coalesce(max(amount) filter (fact = 'running'), 0))
        ) as coverage
    from totals
    where period = 'month'

),

flows as (

    select
        asked.line,
        asked.figure,
        max(answers.answer) filter (answers.period = 'today') as today,
        max(answers.answer) filter (answers.period = 'week') as week,
        max(answers.answer) filter (answers.period = 'month') as month,
        max(answers.answer) filter (answers.period = 'previous') as previous,
        asked.format,
        if(asked.fact = 'profit', 'месяц: ' || known.coverage, null) as note
    from asked
    inner join answers on asked.line = answers.line
    cross join known
    group by all

),

owed as (

    select
        coalesce(sum(receivable_amount), 0) as amount,
        count(*) as deals,
        coalesce(sum(overdue_amount), 0) as overdue_amount,
        count(*) filter (overdue_amount > 0) as overdue_deals
    from mart.receivables

),

coming as (

    select
        coalesce(sum(expected_amount) filter (due_on - getvariable('today') < 7), 0) as in_7_days,
        coalesce(sum(expected_amount) filter (due_on - getvariable('today') < 30), 0) as in_30_days
    from mart.payment_schedule_deals
    where due_on >= getvariable('today')

),

gaps as (

    select
        count(*) as deals,
        count(*) filter (deals.step is distinct from 'won') as unfinished_deals,
        count(*) filter (profits.contract_amount is null) as without_amount,
        count(*) filter (
            profits.articles_known < profits.articles_total or profits.articles_total = 0
        ) as without_costs,
        count(*) filter (
            deals.installation_on is null and deals.step is distinct from 'won'
        ) as without_installation
    from mart.profit_by_deal as profits
    inner join core.deals as deals on profits.deal_id = deals.deal_id

),

ahead as (

    select
        min(optimistic_balance) as hoped_amount,
        min(on_day) filter (optimistic_balance < 0) as hoped_day,
        min(careful_balance) as careful_amount,
        min(on_day) filter (careful_balance < 0) as careful_day,
        max(on_day) as last_day
    from mart.cash_gap

),

states (line, figure, today, format, note) as (

    select 14, 'Дебиторка сейчас', any_figure(amount), 'money', 'сделок: ' || deals
    from owed
    union all
    select 15, 'Из неё просрочено', any_figure(overdue_amount), 'money', 'сделок: ' || overdue_deals
    from owed
    union all
    select 16, 'Ожидается за 7 дней', any_figure(in_7_days), 'money', 'считая сегодня'
    from coming
    union all
    select 17, 'Ожидается за 30 дней', any_figure(in_30_days), 'money', 'считая сегодня'
    from coming
    union all
    select 18, 'Договоры без суммы', any_figure(without_amount), 'integer',
        'из действующих: ' || deals
    from gaps
    union all
    select 19, 'Договоры без всех расходов', any_figure(without_costs), 'integer',
        'из действующих: ' || deals
    from gaps
    union all
    select 20, 'Договоры без даты монтажа', any_figure(without_installation), 'integer',
        'из не завершённых: ' || unfinished_deals
    from gaps
    union all
    select 21, 'Результат месяца на сегодня', any_figure(result_amount), 'money', state
    from mart.month_result
    where on_day = getvariable('today')
    union all
    select 22, 'Меньше всего денег на счетах', any_figure(hoped_amount), 'money',
        cash_note(hoped_amount, hoped_day, last_day)
    from ahead
    union all
    select 23, 'Меньше всего денег, осторожно', any_figure(careful_amount), 'money',
        cash_note(careful_amount, careful_day, last_day)
    from ahead

)

select
    line,
    figure,
    today,
    week,
    month,
    previous,
    share(month - previous, abs(previous)) as change,
    format,
    note
from (from flows union all by name from states)
order by line
