-- Title:   Доходы и расходы по направлениям
-- Meaning: Из чего сложился год: доход по договорам с известной прибылью, прямые расходы по статьям, общие расходы по
--          направлениям и статьям (записанная зарплата — только сверх начисленной), реклама по источникам, зарплата; рядом —
--          прошлый год целиком и изменение к нему: по месяцам, которые закончились и известны в обоих годах. Месяцы, которые
--          ещё не начались, не входят.
-- Grain:   year, direction, article
-- Date:    договоры — дата договора, расходы — месяц, к которому они относятся
-- Reads:   core.ad_spend, core.costs, mart.overheads_by_article, mart.profit_and_loss, mart.profit_by_deal
-- Equals:  result_amount = mart.profit_and_loss.net_amount by year = date_part('year', month) where month <= month_of(getvariable('today'))
-- Total:   result_amount
-- Columns:
--   year            | year    | Год
--   direction       | text    | Направление
--   article         | text    | Статья
--   result_amount   | money   | Сумма (расход со знаком минус)
--   previous_amount | money   | Прошлый год
--   change          | change  | Изменение
-- Drill:
--   from mart.profit_by_deal as deals
--   where deals.is_complete and month_of(deals.contract_on) <= month_of(getvariable('today'))
--   year          = date_part('year', deals.contract_on)
--   direction     = 'доход'
--   article       = 'договоры'
--   result_amount = sum(deals.contract_amount)
--   from core.costs as costs
--   inner join mart.profit_by_deal as deals on costs.deal_id = deals.deal_id
--   where deals.is_complete and month_of(deals.contract_on) <= month_of(getvariable('today'))
--   year          = date_part('year', deals.contract_on)
--   direction     = 'прямые расходы'
--   article       = costs.article
--   result_amount = -sum(costs.amount)
--   from mart.counted_overheads as overheads where overheads.month <= month_of(getvariable('today'))
--   year          = date_part('year', overheads.month)
--   direction     = 'общие: ' || filled(overheads.direction)
--   article       = filled(overheads.article)
--   result_amount = -sum(overheads.amount)
--   from core.ad_spend as spent where spent.month <= month_of(getvariable('today'))
--   year          = date_part('year', spent.month)
--   direction     = 'реклама'
--   article       = filled(spent.source)
--   result_amount = -sum(spent.amount)
--   from mart.payroll_lines as lines where lines.month <= month_of(getvariable('today'))
--   year          = date_part('year', lines.month)
--   direction     = 'зарплата'
--   article       = 'начислено'
--   result_amount = -sum(lines.amount)

with movements as (

    select month, 'доход' as direction, 'договоры' as article, revenue_amount as amount
    from mart.profit_and_loss
    union all
    select
        month_of(deals.contract_on) as month,
        'прямые расходы' as direction,
        costs.article,
        -sum(costs.amount) as amount
    from core.costs as costs
    inner join mart.profit_by_deal as deals on costs.deal_id = deals.deal_id
    where deals.is_complete
    group by all
    union all
    select month, 'общие: ' || direction as direction, article, -amount as amount
    from mart.overheads_by_article
    union all
    select month, 'реклама' as direction, filled(source) as article, -amount as amount
    from core.ad_spend
    union all
    select
        month,
        'зарплата' as direction,
        'начислено' as article,
        -payroll_amount as amount
    from mart.profit_and_loss
    where payroll_amount <> 0

),

years as (

    select date_part('year', month) as year, direction, article, money(sum(amount)) as amount
    from movements
    where month <= month_of(getvariable('today'))
    group by all

),

pairs as (

    select months.month, before.month as before_month
    from mart.profit_and_loss as months
    inner join mart.profit_and_loss as before on months.month - interval 1 year = before.month
    where months.month < month_of(getvariable('today'))

),

compared as (

    select
        date_part('year', pairs.month) as year,
        movements.direction,
        movements.article,
        coalesce(sum(movements.amount) filter (movements.month = pairs.month), 0) as amount,
        sum(movements.amount) filter (movements.month = pairs.before_month) as before_amount
    from movements
    inner join pairs on movements.month in (pairs.month, pairs.before_month)
    group by all

)

select
    years.year,
    years.direction,
    years.article,
    years.amount as result_amount,
    before.amount as previous_amount,
    share(compared.amount - compared.before_amount, abs(compared.before_amount)) as change
from years
left join years as before
    on
        before.year = years.year - 1
        and before.direction = years.direction
        and before.article = years.article
left join compared
    on
        years.year = compared.year
        and years.direction = compared.direction
        and years.article = compared.article
order by years.year, years.direction, years.article
