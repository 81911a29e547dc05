-- Title:   Кассовый разрыв
-- Meaning: Деньги на счетах по дням вперёд: остаток, ожидаемые поступления и назначенные расходы. Оптимистично — каждый
--          платёж приходит в свой срок, а просроченное — завтра; осторожно — просроченное не приходит, остальное
--          опаздывает на обычное у нас опоздание и приходит не всё (доля — в настройках), а возвраты клиентам уходят в свой
--          день целиком. Деньги без даты не считаются.
--          Начисленная и не выплаченная зарплата уходит в день из настроек, если он задан. Счета считаются введёнными в один
--          день: движения — с последнего из их дней, а если дни разные, это сказано.
-- Grain:   on_day
-- Date:    дата платежа; остаток сделки — дата монтажа
-- Reads:   core.cash, core.deals, core.outflows, core.payments, mart.deal_balances, mart.payment_schedule_deals,
--          mart.wages_due
-- Equals:  overdue_amount = mart.payment_schedule_deals.expected_amount where bucket = 'просрочено'
-- Total:   expected_amount, overdue_amount, careful_amount, outflow_amount, wages_amount
-- Columns:
--   on_day             | date   | День
--   expected_amount    | money  | Ожидается
--   overdue_amount     | money  | Из просроченного
--   careful_amount     | money  | Осторожно
--   outflow_amount     | money  | Расходы
--   wages_amount       | money  | Зарплата
--   optimistic_balance | money  | Остаток, если все заплатят в срок
--   careful_balance    | money  | Остаток, осторожно
--   state              | text   | Что это значит
-- Drill:
--   from mart.payment_schedule_deals as payments
--   where payments.due_on is not null and payments.due_on <= getvariable('today') + getvariable('cash_days')
--   on_day          = if(payments.bucket = 'просрочено', getvariable('today') + 1, payments.due_on)
--   expected_amount = sum(payments.expected_amount)
--   overdue_amount  = sum(payments.expected_amount) filter (payments.bucket = 'просрочено')
--   from core.outflows as bills
--   where not bills.is_paid and bills.on_day <= getvariable('today') + getvariable('cash_days')
--   on_day         = greatest(bills.on_day, getvariable('today'))
--   outflow_amount = sum(bills.amount)
--   from mart.wages_due as wages
--   where wages.on_day <= getvariable('today') + getvariable('cash_days')
--   on_day       = wages.on_day
--   wages_amount = sum(wages.due_amount)

with known as (

    select max(on_day) as on_day
    from core.cash
    where on_day <= getvariable('today')

),

accounts as (

    select account, arg_max(amount, on_day) as amount, max(on_day) as on_day
    from core.cash
    where on_day <= getvariable('today')
    group by account

),

-- Payments name no account: what moved on an account between its day and the last one is not told apart.
older as (

    select
        'остаток введён раньше других: '
        || string_agg('«' || account || '» — ' || strftime(on_day, '%d.%m.%Y'), ', ' order by on_day, account)
        || ', что двигалось до ' || strftime((select on_day from known), '%d.%m.%Y') || ', не учтено' as note
    from accounts
    where on_day < (select on_day from known)

),

since as (

    select payments.amount
    from core.payments as payments
    inner join core.deals as deals on payments.deal_id = deals.deal_id
    where
        deals.is_sale
        and payments.is_confirmed
        and payments.paid_on between (select on_day from known) and getvariable('today')
    union all
    select -amount
    from core.outflows
    where is_paid and on_day between (select on_day from known) and getvariable('today')

),

opening as (

    select sum(amount) + (select coalesce(sum(amount), 0) from since) as amount
    from accounts

),

last_payments as (

    select deal_id, max(paid_on) as paid_on
    from core.payments
    where is_confirmed and amount > 0 and paid_on <= getvariable('today')
    group by deal_id

),

habit as (

    select
        cast(coalesce(quantile_disc(greatest(paid.paid_on - balances.due_on, 0), 0.5), 0) as integer) as days_late
    from mart.deal_balances as balances
    inner join last_payments as paid on balances.deal_id = paid.deal_id
    where
        balances.is_signed
        and balances.balance_amount <= 0
        and balances.due_on is not null
        and paid.paid_on > getvariable('today') - 365

),

days as (

    select cast(unnest(generate_series(0, getvariable('cash_days'))) as integer) + getvariable('today') as on_day

),

flows as (

    select
        if(bucket = 'просрочено', getvariable('today') + 1, due_on) as on_day,
        expected_amount as expected_amount,
        if(bucket = 'просрочено', expected_amount, 0) as overdue_amount,
        0 as careful_amount,
        0 as outflow_amount,
        0 as wages_amount
    from mart.payment_schedule_deals
    where due_on is not null
    union all
    select
        if(expected_amount < 0, due_on, due_on + (select days_late from habit)) as on_day,
        0 as expected_amount,
        0 as overdue_amount,
        if(expected_amount < 0, expected_amount, money(expected_amount * getvariable('careful_share'))) as careful_amount,
        0 as outflow_amount,
        0 as wages_amount
    from mart.payment_schedule_deals
    where bucket = 'ожидается'
    union all
    select
        greatest(on_day, getvariable('today')) as on_day,
        0 as expected_amount,
        0 as overdue_amount,
        0 as careful_amount,
        amount as outflow_amount,
        0 as wages_amount
    from core.outflows
    where not is_paid
    union all
    select
        on_day,
        0 as expected_amount,
        0 as overdue_amount,
        0 as careful_amount,
        0 as outflow_amount,
        due_amount as wages_amount
    from mart.wages_due

),

horizon as (

    select max(on_day) as on_day
    from flows

),

sums as (

    select
        on_day,
        sum(expected_amount) as expected_amount,
        sum(overdue_amount) as overdue_amount,
        sum(careful_amount) as careful_amount,
        sum(outflow_amount) as outflow_amount,
        sum(wages_amount) as wages_amount
    from flows
    group by on_day

),

balances as (

    select
        days.on_day,
        money(coalesce(sums.expected_amount, 0)) as expected_amount,
        money(coalesce(sums.overdue_amount, 0)) as overdue_amount,
        money(coalesce(sums.careful_amount, 0)) as careful_amount,
        money(coalesce(sums.outflow_amount, 0)) as outflow_amount,
        money(coalesce(sums.wages_amount, 0)) as wages_amount,
        money(
            (select amount from opening)
            + sum(coalesce(sums.expected_amount, 0) - coalesce(sums.outflow_amount + sums.wages_amount, 0))
                over (order by days.on_day)
        ) as optimistic_balance,
        money(
            (select amount from opening)
            + sum(coalesce(sums.careful_amount, 0) - coalesce(sums.outflow_amount + sums.wages_amount, 0))
                over (order by days.on_day)
        ) as careful_balance
    from days
    left join sums on days.on_day = sums.on_day

)

select
    on_day,
    expected_amount,
    overdue_amount,
    careful_amount,
    outflow_amount,
    wages_amount,
    optimistic_balance,
    careful_balance,
    nullif(
        concat_ws(
            ', ',
            if(on_day = min(on_day) filter (optimistic_balance < 0) over (), 'первый день ниже нуля', null),
            if(
                on_day = min(on_day) filter (careful_balance < 0) over (), 'осторожно: первый день ниже нуля', null
            ),
            if(optimistic_balance is null, 'остаток на счетах не введён', null),
            if(on_day = getvariable('today'), (select note from older), null),
            if(on_day > coalesce((select on_day from horizon), getvariable('today')), 'дальше ничего не известно', null)
        ),
        ''
    ) as state
from balances
order by on_day
