-- Title:   Зарплата к выплате
-- Meaning: Начисленная и ещё не выплаченная зарплата и день, когда она уйдёт: день из настроек в следующем месяце, а если он
--          прошёл — сегодня. Что записано за месяц в общих расходах по статье зарплаты, оплаченное или нет, вычтено: оно
--          уже стоит среди расходов. Закрытый месяц, у которого этот день прошёл, считается выплаченным. Если день в
--          настройках не задан, здесь пусто.
-- Grain:   month
-- Date:    месяц, за который начислено
-- Reads:   core.period_locks, mart.counted_overheads, mart.payroll_by_month
-- Total:   accrued_amount, typed_amount, due_amount
-- Columns:
--   month          | month | Месяц
--   accrued_amount | money | Начислено
--   typed_amount   | money | Записано в расходах
--   due_amount     | money | К выплате
--   on_day         | date  | Когда
-- Drill:
--   from mart.payroll_by_month as months
--   where months.month in (select month from mart.wages_due)
--   month          = months.month
--   accrued_amount = sum(months.amount)
--   from mart.counted_overheads as bills
--   where bills.is_wages and bills.month in (select month from mart.wages_due)
--   month        = bills.month
--   typed_amount = sum(bills.typed_amount)

with typed as (

    select month, sum(typed_amount) as amount
    from mart.counted_overheads
    where is_wages
    group by month

),

months as (

    select
        payroll.month,
        payroll.amount as accrued_amount,
        coalesce(typed.amount, 0) as typed_amount,
        least(
            cast(payroll.month + interval 1 month as date) + cast(getvariable('wages_day') as integer) - 1,
            last_day(cast(payroll.month + interval 1 month as date))
        ) as payday,
        payroll.month in (select month from core.period_locks where reopened_at is null) as is_closed
    from mart.payroll_by_month as payroll
    left join typed on payroll.month = typed.month
    where payroll.month <= month_of(getvariable('today')) and getvariable('wages_day') is not null

)

select
    month,
    accrued_amount,
    money(typed_amount) as typed_amount,
    money(accrued_amount - typed_amount) as due_amount,
    greatest(payday, getvariable('today')) as on_day
from months
where accrued_amount > typed_amount and not (is_closed and payday < getvariable('today'))
order by month
