-- Title:   Прямые расходы: план и факт
-- Meaning: Прямые расходы по действующим договорам месяца и статьям: сколько планировали, сколько вышло; отклонение — по
--          тем сделкам, где известны и план, и факт; незаполненный расход не считается нулём.
-- Grain:   month, article
-- Date:    дата договора
-- Reads:   core.costs, mart.profit_by_deal
-- Equals:  amount = mart.profit_by_deal.known_costs by month = month_of(contract_on)
-- Total:   planned_amount, amount, difference
-- Coverage: статей заполнено = known_deals / deals
-- Columns:
--   month          | month   | Месяц
--   article        | text    | Статья
--   deals          | integer | Договоры
--   known_deals    | integer | Расход известен
--   coverage       | text    | Полнота
--   planned_amount | money   | План
--   amount         | money   | Факт
--   compared_deals | integer | Известны план и факт
--   difference     | money   | Факт минус план по ним
--   change         | percent | Отклонение
-- Drill:
--   from core.costs as costs
--   inner join mart.profit_by_deal as deals on costs.deal_id = deals.deal_id
--   month          = month_of(deals.contract_on)
--   article        = costs.article
--   deals          = count(*)
--   known_deals    = count(costs.amount)
--   planned_amount = sum(costs.planned_amount)
--   amount         = sum(costs.amount)
--   difference     = sum(costs.amount - costs.planned_amount)

select
    month_of(deals.contract_on) as month,
    costs.article,
    count(*) as deals,
    count(costs.amount) as known_deals,
    coverage(count(costs.amount), count(*)) as coverage,
    money(sum(costs.planned_amount)) as planned_amount,
    money(sum(costs.amount)) as amount,
    count(costs.amount - costs.planned_amount) as compared_deals,
    money(sum(costs.amount - costs.planned_amount)) as difference,
    share(
        sum(costs.amount - costs.planned_amount),
        sum(costs.planned_amount) filter (costs.amount is not null)
    ) as change
from core.costs as costs
inner join mart.profit_by_deal as deals on costs.deal_id = deals.deal_id
group by all
order by month, costs.article
