-- Title:   Чистая прибыль по менеджерам
-- Meaning: Чистая прибыль менеджера за месяц договора: валовая прибыль его сделок (по долям, где они записаны) минус их
--          доли общих расходов и зарплата за них; складываются только сделки, у которых прибыль известна.
-- Grain:   month, manager_id
-- Date:    дата договора
-- Reads:   core.users, mart.net_profit_by_deal, mart.profit_credits
-- Equals:  net_amount = mart.net_profit_by_month.net_amount by month
--          deals = mart.net_profit_by_month.deals by month
-- Columns:
--   month             | month   | Месяц
--   manager_id        | hidden  | Номер менеджера
--   manager           | text    | Менеджер
--   deals             | integer | Договоры
--   complete_deals    | integer | Прибыль известна
--   coverage          | text    | Полнота
--   complete_amount   | money   | Сумма договоров с известной прибылью
--   profit_amount     | money   | Валовая прибыль по ним
--   overheads_amount  | money   | Общие расходы на них
--   commission_amount | money   | Зарплата за них
--   net_amount        | money   | Чистая прибыль по ним
--   net_rate          | percent | Рентабельность
--   other_overheads   | money   | Общие расходы на остальных
-- Drill:
--   from mart.profit_credits as deals
--   month           = month_of(deals.contract_on)
--   manager_id      = deals.manager_id
--   deals           = count(*) filter (deals.is_main)
--   complete_deals  = count(*) filter (deals.is_main and deals.is_complete)
--   complete_amount = sum(deals.contract_amount) filter (deals.is_complete)
--   profit_amount   = sum(deals.profit_amount)

with overheads as (

    select
        credits.deal_id as basket,
        credits.manager_id as line,
        credits.weight,
        profits.overheads_amount as amount
    from mart.profit_credits as credits
    inner join mart.net_profit_by_deal as profits on credits.deal_id = profits.deal_id
    where credits.weight < 1000000 and profits.overheads_amount <> 0

),

commissions as (

    select
        credits.deal_id as basket,
        credits.manager_id as line,
        credits.weight,
        profits.commission_amount as amount
    from mart.profit_credits as credits
    inner join mart.net_profit_by_deal as profits on credits.deal_id = profits.deal_id
    where credits.weight < 1000000 and profits.commission_amount <> 0

),

gross as (

    select
        credits.*,
        coalesce(
            if(credits.weight = 1000000, profits.overheads_amount, overhead_parts.share), 0
        ) as overheads_amount,
        coalesce(
            if(credits.weight = 1000000, profits.commission_amount, commission_parts.share), 0
        ) as commission_amount
    from mart.profit_credits as credits
    inner join mart.net_profit_by_deal as profits on credits.deal_id = profits.deal_id
    left join divided('overheads') as overhead_parts
        on credits.deal_id = overhead_parts.basket and credits.manager_id = overhead_parts.line
    left join divided('commissions') as commission_parts
        on credits.deal_id = commission_parts.basket and credits.manager_id = commission_parts.line

),

credits as (

    select *, profit_amount - overheads_amount - commission_amount as net_amount
    from gross

)

select
    month_of(credits.contract_on) as month,
    credits.manager_id,
    any_value(person(users.name, credits.manager_id)) as manager,

    count(*) filter (is_main) as deals,
    count(*) filter (is_complete and is_main) as complete_deals,
    coverage(count(*) filter (is_complete and is_main), count(*) filter (is_main)) as coverage,
    money(coalesce(sum(contract_amount) filter (is_complete), 0)) as complete_amount,
    money(sum(profit_amount)) as profit_amount,
    money(coalesce(sum(overheads_amount) filter (is_complete), 0)) as overheads_amount,
    money(coalesce(sum(commission_amount) filter (is_complete), 0)) as commission_amount,
    money(sum(net_amount)) as net_amount,
    share(sum(net_amount), sum(contract_amount) filter (is_complete)) as net_rate,
    money(coalesce(sum(overheads_amount) filter (not is_complete), 0)) as other_overheads
from credits
left join core.users as users on credits.manager_id = users.user_id
group by month, credits.manager_id
order by month, credits.manager_id
