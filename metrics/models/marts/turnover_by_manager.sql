-- Title:   Оборот по менеджерам
-- Meaning: Суммы договоров по дате договора и ответственному в момент договора; изменения, расторжения и
--          восстановления — в месяце, когда они произошли, на том же менеджере; если в сделке записаны доли,
--          сумма разделена по ним.
-- Grain:   month, manager_id
-- Date:    дата договора; изменения, расторжения и восстановления — своя дата
-- Reads:   core.users, mart.turnover_parts
-- Equals:  net_amount = mart.turnover_parts.net_amount by month, manager_id
--          contracts = mart.turnover_parts.contracts by month, manager_id
-- Total:   contracts, without_amount, signed_amount, changed_amount, cancelled_contracts, cancelled_amount,
--          resumed_amount, net_amount
-- Coverage: сумма есть = contracts - without_amount / contracts
-- Columns:
--   month               | month   | Месяц
--   manager_id          | hidden  | Номер менеджера
--   manager             | text    | Менеджер
--   contracts           | integer | Подписано договоров
--   without_amount      | integer | Нет суммы
--   signed_amount       | money   | Подписано
--   changed_amount      | money   | Изменения сумм
--   cancelled_contracts | integer | Расторгнуто договоров
--   cancelled_amount    | money   | Расторгнуто
--   resumed_amount      | money   | Восстановлено
--   net_amount          | money   | Чистый оборот
--   net_rate            | percent | Доля в обороте месяца
-- Drill:
--   from mart.turnover_parts as parts
--   month               = parts.month
--   manager_id          = parts.manager_id
--   contracts           = sum(parts.contracts)
--   without_amount      = sum(parts.without_amount)
--   signed_amount       = sum(parts.signed_amount)
--   changed_amount      = sum(parts.changed_amount)
--   cancelled_contracts = sum(parts.cancelled_contracts)
--   cancelled_amount    = sum(parts.cancelled_amount)
--   resumed_amount      = sum(parts.resumed_amount)
--   net_amount          = sum(parts.net_amount)

with managers as (

    select
        month,
        manager_id,
        whole(sum(contracts)) as contracts,
        whole(sum(without_amount)) as without_amount,
        money(sum(signed_amount)) as signed_amount,
        money(sum(changed_amount)) as changed_amount,
        whole(sum(cancelled_contracts)) as cancelled_contracts,
        money(sum(cancelled_amount)) as cancelled_amount,
        money(sum(resumed_amount)) as resumed_amount,
        money(sum(net_amount)) as net_amount
    from mart.turnover_parts
    group by month, manager_id

)

select
    managers.month,
    managers.manager_id,
    person(users.name, managers.manager_id) as manager,
    managers.contracts,
    managers.without_amount,
    managers.signed_amount,
    managers.changed_amount,
    managers.cancelled_contracts,
    managers.cancelled_amount,
    managers.resumed_amount,
    managers.net_amount,
    share(
        managers.net_amount, sum(managers.net_amount) over (partition by managers.month)
    ) as net_rate
from managers
left join core.users as users on managers.manager_id = users.user_id
order by managers.month, managers.manager_id
