-- Title:   Скидки по сделкам
-- Meaning: Скидка — сумма по прайсу минус сумма договора, по подписанным и не расторгнутым договорам; пока сумма по
--          прайсу неизвестна, скидка «не заполнена», а не ноль. Отмечено, где скидка не меньше оставшейся прибыли.
-- Grain:   deal_id
-- Date:    дата договора
-- Reads:   core.deals, mart.profit_by_deal
-- Refresh: deal_id
-- Total:   list_amount, contract_amount, discount_amount, profit_amount
--          discount_rate = discount_amount / list_amount where discount_amount is not null
-- Coverage: скидка известна = rows where discount_amount is not null / rows
-- Columns:
--   deal_id         | deal    | Сделка
--   name            | text    | Название
--   client          | text    | Клиент
--   manager_id      | hidden  | Номер менеджера
--   manager         | text    | Менеджер
--   contract_on     | date    | Дата договора
--   list_amount     | money   | Сумма по прайсу
--   contract_amount | money   | Сумма договора
--   discount_amount | money   | Скидка
--   discount_rate   | percent | Скидка, %
--   profit_amount   | money   | Валовая прибыль
--   status          | text    | Состояние
--   is_known        | hidden  | Скидка известна
-- Drill:
--   from core.deals as deals
--   inner join mart.profit_by_deal as profits on deals.deal_id = profits.deal_id
--   deal_id         = deals.deal_id
--   list_amount     = sum(coalesce(nullif(deals.list_amount, 0), profits.contract_amount + deals.discount_amount))
--   contract_amount = sum(profits.contract_amount)
--   profit_amount   = sum(profits.profit_amount)

with priced as (

    select
        profits.*,
        coalesce(
            nullif(deals.list_amount, 0), profits.contract_amount + deals.discount_amount
        ) as list_amount
    from mart.profit_by_deal as profits
    inner join core.deals as deals on profits.deal_id = deals.deal_id

)

select
    deal_id,
    name,
    client,
    manager_id,
    manager,
    contract_on,
    money(list_amount) as list_amount,
    contract_amount,
    money(list_amount - contract_amount) as discount_amount,
    share(list_amount - contract_amount, list_amount) as discount_rate,
    profit_amount,
    case
        when list_amount - contract_amount is null then 'не заполнено'
        when list_amount <= contract_amount then 'без скидки'
        when list_amount - contract_amount >= profit_amount then 'скидка не меньше прибыли'
        else 'скидка'
    end as status,
    list_amount - contract_amount is not null as is_known
from priced
order by deal_id
