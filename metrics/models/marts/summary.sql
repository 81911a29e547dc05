-- Title:   Сводка
-- Meaning: Главные цифры за сегодня, за неделю с понедельника и за месяц с первого числа, всё по сегодня
--          включительно, рядом с каждой — вчерашний день, те же дни прошлой недели и те же числа прошлого месяца;
--          изменение — месяц к прошлому месяцу; план — действующий, выполнение — месяц к нему, прогноз — по темпу
--          прошедших рабочих дней; цифры «сейчас» стоят в столбце «Сегодня».
-- Grain:   line
-- Date:    у каждой цифры своя: заявки — дата заявки, события — дата события, деньги — дата движения
-- Reads:   core.deals, core.payments, core.stage_entries, core.turnover_entries, mart.cash_gap, mart.data_gaps,
--          mart.month_result, mart.payment_schedule_deals, mart.plan_fact, mart.profit_by_deal, mart.receivables
-- Columns:
--   line       | hidden  | Порядок
--   figure     | text    | Показатель
--   today      | by_row  | Сегодня
--   yesterday  | by_row  | Вчера
--   week       | by_row  | Неделя
--   last_week  | by_row  | Прошлая неделя, те же дни
--   month      | by_row  | Месяц
--   previous   | by_row  | Прошлый месяц, те же числа
--   change     | change  | Изменение за месяц
--   plan       | by_row  | План месяца
--   attainment | percent | Выполнение плана
--   forecast   | by_row  | Прогноз на месяц
--   needed     | by_row  | Нужно в рабочий день
--   format     | hidden  | Вид числа
--   note       | text    | Примечание
-- Drill:
--   from core.turnover_entries as entries
--   inner join core.deals as deals on entries.deal_id = deals.deal_id
--   where deals.is_sale and is_recent(entries.booked_on)
--   line      = 1
--   today     = sum(any_figure(entries.amount)) filter (falls_in(entries.booked_on, 'today'))
--   yesterday = sum(any_figure(entries.amount)) filter (falls_in(entries.booked_on, 'yesterday'))
--   week      = sum(any_figure(entries.amount)) filter (falls_in(entries.booked_on, 'week'))
--   last_week = sum(any_figure(entries.amount)) filter (falls_in(entries.booked_on, 'last_week'))
--   month     = sum(any_figure(entries.amount)) filter (falls_in(entries.booked_on, 'month'))
--   previous  = sum(any_figure(entries.amount)) filter (falls_in(entries.booked_on, 'previous'))
--   from mart.plan_fact as plans
--   where plans.month = month_of(getvariable('today')) and plans.whom = 'компания' and plans.code = 'turnover'
--   line      = 1
--   plan      = any_value(plans.current_plan)
--   forecast  = any_value(plans.run_rate)
--   needed    = any_value(plans.needed)
--   from core.payments as payments
--   inner join core.deals as deals on payments.deal_id = deals.deal_id
--   where deals.is_sale and payments.is_confirmed and is_recent(payments.paid_on)
--   line      = 2
--   today     = sum(any_figure(payments.amount)) filter (falls_in(payments.paid_on, 'today'))
--   yesterday = sum(any_figure(payments.amount)) filter (falls_in(payments.paid_on, 'yesterday'))
--   week      = sum(any_figure(payments.amount)) filter (falls_in(payments.paid_on, 'week'))
--   last_week = sum(any_figure(payments.amount)) filter (falls_in(payments.paid_on, 'last_week'))
--   month     = sum(any_figure(payments.amount)) filter (falls_in(payments.paid_on, 'month'))
--   previous  = sum(any_figure(payments.amount)) filter (falls_in(payments.paid_on, 'previous'))
--   from mart.plan_fact as plans
--   where plans.month = month_of(getvariable('today')) and plans.whom = 'компания' and plans.code = 'receipts'
--   line      = 2
--   plan      = any_value(plans.current_plan)
--   forecast  = any_value(plans.run_rate)
--   needed    = any_value(plans.needed)
--   from mart.profit_by_deal as profits where profits.is_complete and is_recent(profits.contract_on)
--   line      = 3
--   today     = sum(any_figure(profits.profit_amount)) filter (falls_in(profits.contract_on, 'today'))
--   yesterday = sum(any_figure(profits.profit_amount)) filter (falls_in(profits.contract_on, 'yesterday'))
--   week      = sum(any_figure(profits.profit_amount)) filter (falls_in(profits.contract_on, 'week'))
--   last_week = sum(any_figure(profits.profit_amount)) filter (falls_in(profits.contract_on, 'last_week'))
--   month     = sum(any_figure(profits.profit_amount)) filter (falls_in(profits.contract_on, 'month'))
--   previous  = sum(any_figure(profits.profit_amount)) filter (falls_in(profits.contract_on, 'previous'))
--   from mart.plan_fact as plans
--   where plans.month = month_of(getvariable('today')) and plans.whom = 'компания' and plans.code = 'gross_profit'
--   line      = 3
--   plan      = any_value(plans.current_plan)
--   forecast  = any_value(plans.run_rate)
--   needed    = any_value(plans.needed)
--   from mart.profit_by_deal as profits where profits.is_complete and is_recent(profits.contract_on)
--   line      = 4
--   today     = share(sum(profits.profit_amount) filter (falls_in(profits.contract_on, 'today')),
--       sum(profits.contract_amount) filter (falls_in(profits.contract_on, 'today')))
--   yesterday = share(sum(profits.profit_amount) filter (falls_in(profits.contract_on, 'yesterday')),
--       sum(profits.contract_amount) filter (falls_in(profits.contract_on, 'yesterday')))
--   week      = share(sum(profits.profit_amount) filter (falls_in(profits.contract_on, 'week')),
--       sum(profits.contract_amount) filter (falls_in(profits.contract_on, 'week')))
--   last_week = share(sum(profits.profit_amount) filter (falls_in(profits.contract_on, 'last_week')),
--       sum(profits.contract_amount) filter (falls_in(profits.contract_on, 'last_week')))
--   month     = share(sum(profits.profit_amount) filter (falls_in(profits.contract_on, 'month')),
--       sum(profits.contract_amount) filter (falls_in(profits.contract_on, 'month')))
--   previous  = share(sum(profits.profit_amount) filter (falls_in(profits.contract_on, 'previous')),
--       sum(profits.contract_amount) filter (falls_in(profits.contract_on, 'previous')))
--   from mart.month_result as days where days.on_day = getvariable('today')
--   line      = 5
--   today     = sum(any_figure(days.result_amount))
--   from mart.cash_gap as days
--   line      = 6
--   today     = min(days.optimistic_balance)
--   from mart.cash_gap as days
--   line      = 7
--   today     = min(days.careful_balance)
--   from mart.receivables as debts
--   line      = 8
--   today     = sum(any_figure(debts.receivable_amount))
--   from mart.receivables as debts where debts.overdue_amount > 0
--   line      = 9
--   today     = sum(any_figure(debts.overdue_amount))
--   from mart.payment_schedule_deals as payments where payments.due_on >= getvariable('today')
--   and payments.due_on - getvariable('today') < 7
--   line      = 10
--   today     = sum(any_figure(payments.expected_amount))
--   from mart.payment_schedule_deals as payments where payments.due_on >= getvariable('today')
--   and payments.due_on - getvariable('today') < 30
--   line      = 11
--   today     = sum(any_figure(payments.expected_amount))
--   from core.deals as deals
--   where deals.is_sale and not deals.is_deleted and is_recent(deals.lead_on)
--   line      = 12
--   today     = count(*) filter (falls_in(deals.lead_on, 'today'))
--   yesterday = count(*) filter (falls_in(deals.lead_on, 'yesterday'))
--   week      = count(*) filter (falls_in(deals.lead_on, 'week'))
--   last_week = count(*) filter (falls_in(deals.lead_on, 'last_week'))
--   month     = count(*) filter (falls_in(deals.lead_on, 'month'))
--   previous  = count(*) filter (falls_in(deals.lead_on, 'previous'))
--   from core.deals as deals
--   where deals.is_sale and not deals.is_deleted and is_recent(deals.measure_on)
--   line      = 13
--   today     = count(*) filter (falls_in(deals.measure_on, 'today'))
--   yesterday = count(*) filter (falls_in(deals.measure_on, 'yesterday'))
--   week      = count(*) filter (falls_in(deals.measure_on, 'week'))
--   last_week = count(*) filter (falls_in(deals.measure_on, 'last_week'))
--   month     = count(*) filter (falls_in(deals.measure_on, 'month'))
--   previous  = count(*) filter (falls_in(deals.measure_on, 'previous'))
--   from core.deals as deals
--   where deals.is_sale and not deals.is_deleted and is_recent(deals.contract_reached_on)
--   line      = 14
--   today     = count(*) filter (falls_in(deals.contract_reached_on, 'today'))
--   yesterday = count(*) filter (falls_in(deals.contract_reached_on, 'yesterday'))
--   week      = count(*) filter (falls_in(deals.contract_reached_on, 'week'))
--   last_week = count(*) filter (falls_in(deals.contract_reached_on, 'last_week'))
--   month     = count(*) filter (falls_in(deals.contract_reached_on, 'month'))
--   previous  = count(*) filter (falls_in(deals.contract_reached_on, 'previous'))
--   from core.stage_entries as entries
--   inner join core.deals as deals on entries.deal_id = deals.deal_id
--   where deals.is_sale and not deals.is_deleted and entries.step = 'lost'
--   and entries.previous_step is distinct from 'lost' and is_recent(entries.entered_on)
--   line      = 15
--   today     = count(*) filter (falls_in(entries.entered_on, 'today'))
--   yesterday = count(*) filter (falls_in(entries.entered_on, 'yesterday'))
--   week      = count(*) filter (falls_in(entries.entered_on, 'week'))
--   last_week = count(*) filter (falls_in(entries.entered_on, 'last_week'))
--   month     = count(*) filter (falls_in(entries.entered_on, 'month'))
--   previous  = count(*) filter (falls_in(entries.entered_on, 'previous'))
--   from core.deals as deals
--   where deals.is_sale and not deals.is_deleted and (is_recent(deals.lead_on) or is_recent(deals.measure_on))
--   line      = 16
--   today     = share(count(*) filter (falls_in(deals.measure_on, 'today')),
--       count(*) filter (falls_in(deals.lead_on, 'today')))
--   yesterday = share(count(*) filter (falls_in(deals.measure_on, 'yesterday')),
--       count(*) filter (falls_in(deals.lead_on, 'yesterday')))
--   week      = share(count(*) filter (falls_in(deals.measure_on, 'week')),
--       count(*) filter (falls_in(deals.lead_on, 'week')))
--   last_week = share(count(*) filter (falls_in(deals.measure_on, 'last_week')),
--       count(*) filter (falls_in(deals.lead_on, 'last_week')))
--   month     = share(count(*) filter (falls_in(deals.measure_on, 'month')),
--       count(*) filter (falls_in(deals.lead_on, 'month')))
--   previous  = share(count(*) filter (falls_in(deals.measure_on, 'previous')),
--       count(*) filter (falls_in(deals.lead_on, 'previous')))
--   from core.deals as deals
--   where deals.is_sale and not deals.is_deleted and (is_recent(deals.lead_on) or is_recent(deals.contract_reached_on))
--   line      = 17
--   today     = share(count(*) filter (falls_in(deals.contract_reached_on, 'today')),
--       count(*) filter (falls_in(deals.lead_on, 'today')))
--   yesterday = share(count(*) filter (falls_in(deals.contract_reached_on, 'yesterday')),
--       count(*) filter (falls_in(deals.lead_on, 'yesterday')))
--   week      = share(count(*) filter (falls_in(deals.contract_reached_on, 'week')),
--       count(*) filter (falls_in(deals.lead_on, 'week')))
--   last_week = share(count(*) filter (falls_in(deals.contract_reached_on, 'last_week')),
--       count(*) filter (falls_in(deals.lead_on, 'last_week')))
--   month     = share(count(*) filter (falls_in(deals.contract_reached_on, 'month')),
--       count(*) filter (falls_in(deals.lead_on, 'month')))
--   previous  = share(count(*) filter (falls_in(deals.contract_reached_on, 'previous')),
--       count(*) filter (falls_in(deals.lead_on, 'previous')))
--   from core.turnover_entries as entries
--   inner join core.deals as deals on entries.deal_id = deals.deal_id
--   where deals.is_sale and entries.kind = 'signed' and is_recent(entries.booked_on)
--   line      = 18
--   today     = sum(any_figure(entries.amount)) filter (falls_in(entries.booked_on, 'today'))
--   yesterday = sum(any_figure(entries.amount)) filter (falls_in(entries.booked_on, 'yesterday'))
--   week      = sum(any_figure(entries.amount)) filter (falls_in(entries.booked_on, 'week'))
--   last_week = sum(any_figure(entries.amount)) filter (falls_in(entries.booked_on, 'last_week'))
--   month     = sum(any_figure(entries.amount)) filter (falls_in(entries.booked_on, 'month'))
--   previous  = sum(any_figure(entries.amount)) filter (falls_in(entries.booked_on, 'previous'))
--   from core.turnover_entries as entries
--   inner join core.deals as deals on entries.deal_id = deals.deal_id
--   where deals.is_sale and entries.kind = 'cancelled' and is_recent(entries.booked_on)
--   line      = 19
--   today     = sum(any_figure(entries.amount)) filter (falls_in(entries.booked_on, 'today'))
--   yesterday = sum(any_figure(entries.amount)) filter (falls_in(entries.booked_on, 'yesterday'))
--   week      = sum(any_figure(entries.amount)) filter (falls_in(entries.booked_on, 'week'))
--   last_week = sum(any_figure(entries.amount)) filter (falls_in(entries.booked_on, 'last_week'))
--   month     = sum(any_figure(entries.amount)) filter (falls_in(entries.booked_on, 'month'))
--   previous  = sum(any_figure(entries.amount)) filter (falls_in(entries.booked_on, 'previous'))
--   from core.turnover_entries as entries
--   inner join core.deals as deals on entries.deal_id = deals.deal_id
--   where deals.is_sale and entries.kind in ('changed', 'resumed') and is_recent(entries.booked_on)
--   line      = 20
--   today     = sum(any_figure(entries.amount)) filter (falls_in(entries.booked_on, 'today'))
--   yesterday = sum(any_figure(entries.amount)) filter (falls_in(entries.booked_on, 'yesterday'))
--   week      = sum(any_figure(entries.amount)) filter (falls_in(entries.booked_on, 'week'))
--   last_week = sum(any_figure(entries.amount)) filter (falls_in(entries.booked_on, 'last_week'))
--   month     = sum(any_figure(entries.amount)) filter (falls_in(entries.booked_on, 'month'))
--   previous  = sum(any_figure(entries.amount)) filter (falls_in(entries.booked_on, 'previous'))
--   from core.turnover_entries as entries
--   inner join core.deals as deals on entries.deal_id = deals.deal_id
--   where deals.is_sale and entries.kind = 'signed' and entries.amount <> 0 and is_recent(entries.booked_on)
--   line      = 21
--   today     = average(sum(entries.amount) filter (falls_in(entries.booked_on, 'today')),
--       count(*) filter (falls_in(entries.booked_on, 'today')))
--   yesterday = average(sum(entries.amount) filter (falls_in(entries.booked_on, 'yesterday')),
--       count(*) filter (falls_in(entries.booked_on, 'yesterday')))
--   week      = average(sum(entries.amount) filter (falls_in(entries.booked_on, 'week')),
--       count(*) filter (falls_in(entries.booked_on, 'week')))
--   last_week = average(sum(entries.amount) filter (falls_in(entries.booked_on, 'last_week')),
--       count(*) filter (falls_in(entries.booked_on, 'last_week')))
--   month     = average(sum(entries.amount) filter (falls_in(entries.booked_on, 'month')),
--       count(*) filter (falls_in(entries.booked_on, 'month')))
--   previous  = average(sum(entries.amount) filter (falls_in(entries.booked_on, 'previous')),
--       count(*) filter (falls_in(entries.booked_on, 'previous')))
--   from mart.data_gaps as gaps where gaps.line = 1
--   line      = 22
--   today     = sum(any_figure(gaps.rows))
--   from mart.data_gaps as gaps where gaps.line = 2
--   line      = 23
--   today     = sum(any_figure(gaps.rows))
--   from mart.data_gaps as gaps where gaps.line = 3
--   line      = 24
--   today     = sum(any_figure(gaps.rows))

with periods as (

    select period, period_start(period) as first_day, period_end(period) as last_day
    from (select unnest(['today', 'yesterday', 'week', 'last_week', 'month', 'previous']) as period)

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
    select 'altered' as fact, booked_on as day, amount from turnover where kind in ('changed', 'resumed')
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
        (1, 'Чистый оборот', 'money', 'sum', 'net', null),
        (2, 'Получено денег', 'money', 'sum', 'received', null),
        (3, 'Валовая прибыль', 'money', 'known', 'profit', 'complete'),
        (4, 'Маржа', 'percent', 'share', 'profit', 'profit_base'),
        (12, 'Заявки', 'integer', 'sum', 'leads', null),
        (13, 'Замеры/КП', 'integer', 'sum', 'measures', null),
        (14, 'Договоры', 'integer', 'sum', 'contracts', null),
        (15, 'Отказы', 'integer', 'sum', 'losses', null),
        (16, 'Замеры/КП к заявкам', 'percent', 'share', 'measures', 'leads'),
        (17, 'Договоры к заявкам', 'percent', 'share', 'contracts', 'leads'),
        (18, 'Подписано', 'money', 'sum', 'signed', null),
        (19, 'Расторгнуто', 'money', 'sum', 'cancelled', null),
        (20, 'Изменено и восстановлено', 'money', 'sum', 'altered', null),
        (21, 'Средний чек', 'money', 'average', 'signed', 'priced')

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

plans as (

    select
        case code when 'turnover' then 'net' when 'receipts' then 'received' when 'gross_profit' then 'profit' end as fact,
        any_figure(current_plan) as plan,
        any_figure(run_rate) as forecast,
        any_figure(needed) as needed
    from mart.plan_fact
    where month = month_of(getvariable('today')) and whom = 'компания'

),

flows as (

    select
        asked.line,
        asked.figure,
        max(answers.answer) filter (answers.period = 'today') as today,
        max(answers.answer) filter (answers.period = 'yesterday') as yesterday,
        max(answers.answer) filter (answers.period = 'week') as week,
        max(answers.answer) filter (answers.period = 'last_week') as last_week,
        max(answers.answer) filter (answers.period = 'month') as month,
        max(answers.answer) filter (answers.period = 'previous') as previous,
        any_value(plans.plan) filter (asked.rule in ('sum', 'known')) as plan,
        any_value(plans.forecast) filter (asked.rule in ('sum', 'known')) as forecast,
        any_value(plans.needed) filter (asked.rule in ('sum', 'known')) as needed,
        asked.format,
        if(asked.fact = 'profit', 'месяц: ' || known.coverage, null) as note
    from asked
    inner join answers on asked.line = answers.line
    left join plans on asked.fact = plans.fact
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

    select 8, 'Дебиторка сейчас', any_figure(amount), 'money', 'сделок: ' || deals
    from owed
    union all
    select 9, 'Из неё просрочено', any_figure(overdue_amount), 'money', 'сделок: ' || overdue_deals
    from owed
    union all
    select 10, 'Ожидается за 7 дней', any_figure(in_7_days), 'money', 'считая сегодня, минус возвраты'
    from coming
    union all
    select 11, 'Ожидается за 30 дней', any_figure(in_30_days), 'money', 'считая сегодня, минус возвраты'
    from coming
    union all
    select 22, 'Договоры без суммы', any_figure(rows), 'integer', 'из действующих: ' || whole
    from mart.data_gaps
    where line = 1
    union all
    select 23, 'Договоры без всех расходов', any_figure(rows), 'integer', 'из действующих: ' || whole
    from mart.data_gaps
    where line = 2
    union all
    select 24, 'Договоры без даты монтажа', any_figure(rows), 'integer', 'из не завершённых: ' || whole
    from mart.data_gaps
    where line = 3
    union all
    select 5, 'Результат месяца на сегодня', any_figure(result_amount), 'money',
        state || ', расходы по дням'
    from mart.month_result
    where on_day = getvariable('today')
    union all
    select 6, 'Меньше всего денег на счетах', any_figure(hoped_amount), 'money',
        cash_note(hoped_amount, hoped_day, last_day)
    from ahead
    union all
    select 7, 'Меньше всего денег, осторожно', any_figure(careful_amount), 'money',
        cash_note(careful_amount, careful_day, last_day)
    from ahead

)

select
    line,
    figure,
    today,
    yesterday,
    week,
    last_week,
    month,
    previous,
    -- What was called off is below zero: it grows as it goes down.
    share(if(figure = 'Расторгнуто', previous - month, month - previous), abs(previous)) as change,
    plan,
    share(month, plan) as attainment,
    forecast,
    needed,
    format,
    note
from (from flows union all by name from states)
order by line
