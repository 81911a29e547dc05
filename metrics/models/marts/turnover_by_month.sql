-- Title:   Оборот по месяцам
-- Meaning: Суммы договоров по дате договора; расторжение и изменение суммы не переписывают прошлый
--          месяц, а стоят в своём; чистый оборот — итог всех движений; этот месяц стоит целиком, с тем, что внесено на его дни
--          вперёд. Рядом для сверки: суммы успешно завершённых сделок по дате завершения и полученные подтверждённые
--          деньги по дате платежа. Средний чек — сумма подписанных договоров на число тех из них, у которых при подписании
--          была сумма; «нет суммы» — договоры, у которых её нет и сейчас.
-- Grain:   month
-- Date:    дата договора; изменения, расторжения и восстановления — своя дата
-- Reads:   core.deals, core.payments, mart.turnover_parts
-- Equals:  net_amount = mart.turnover_parts.net_amount by month
--          contracts = mart.turnover_parts.contracts by month
-- Total:   contracts, without_amount, signed_amount, changed_amount, cancelled_contracts, cancelled_amount,
--          resumed_amount, net_amount, won_amount, received_amount
--          average_amount = mart.turnover_parts.signed_amount / mart.turnover_parts.priced_contracts
-- Coverage: сумма есть = contracts - without_amount / contracts
-- Columns:
--   month               | month   | Месяц
--   contracts           | integer | Подписано договоров
--   without_amount      | integer | Нет суммы
--   signed_amount       | money   | Подписано
--   changed_amount      | money   | Изменения сумм
--   cancelled_contracts | integer | Расторгнуто договоров
--   cancelled_amount    | money   | Расторгнуто
--   resumed_amount      | money   | Восстановлено
--   net_amount          | money   | Чистый оборот
--   average_amount      | money   | Средний чек
--   won_amount          | money   | Завершено успешно
--   received_amount     | money   | Получено денег
-- Drill:
--   from mart.turnover_parts as parts
--   month               = parts.month
--   contracts           = sum(parts.contracts)
--   without_amount      = sum(parts.without_amount)
--   signed_amount       = sum(parts.signed_amount)
--   changed_amount      = sum(parts.changed_amount)
--   cancelled_contracts = sum(parts.cancelled_contracts)
--   cancelled_amount    = sum(parts.cancelled_amount)
--   resumed_amount      = sum(parts.resumed_amount)
--   net_amount          = sum(parts.net_amount)
--   average_amount      = average(sum(parts.signed_amount), sum(parts.priced_contracts))
--   from core.deals as deals
--   where deals.is_sale and not deals.is_deleted and deals.step = 'won' and deals.won_on is not null
--   month      = month_of(deals.won_on)
--   won_amount = sum(deals.contract_amount)
--   from core.payments as payments
--   inner join core.deals as deals on payments.deal_id = deals.deal_id
--   where payments.paid_on <= getvariable('today') and payments.is_confirmed and deals.is_sale
--   month           = month_of(payments.paid_on)
--   received_amount = sum(payments.amount)

with won as (

    select
        month_of(won_on) as month,
        sum(coalesce(contract_amount, 0)) as won_amount
    from core.deals
    where is_sale and not is_deleted and step = 'won' and won_on is not null
    group by month

),

received as (

    select
        month_of(payments.paid_on) as month,
        sum(payments.amount) as received_amount
    from core.payments as payments
    inner join core.deals as deals on payments.deal_id = deals.deal_id
    where payments.paid_on <= getvariable('today') and payments.is_confirmed and deals.is_sale
    group by month

),

movements as (

    select * from mart.turnover_parts
    union all by name
    select * from won
    union all by name
    select * from received

)

select
    month,
    whole(coalesce(sum(contracts), 0)) as contracts,
    whole(coalesce(sum(without_amount), 0)) as without_amount,
    money(coalesce(sum(signed_amount), 0)) as signed_amount,
    money(coalesce(sum(changed_amount), 0)) as changed_amount,
    whole(coalesce(sum(cancelled_contracts), 0)) as cancelled_contracts,
    money(coalesce(sum(cancelled_amount), 0)) as cancelled_amount,
    money(coalesce(sum(resumed_amount), 0)) as resumed_amount,
    money(coalesce(sum(net_amount), 0)) as net_amount,
    average(sum(signed_amount), sum(priced_contracts)) as average_amount,
    money(coalesce(sum(won_amount), 0)) as won_amount,
    money(coalesce(sum(received_amount), 0)) as received_amount
from movements
group by month
order by month
