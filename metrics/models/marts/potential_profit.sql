-- Title:   Потенциальная прибыль (модель)
-- Meaning: Модель, а не учёт: бюджет открытых сделок без договора, умноженный на долю законченных сделок, которые, дойдя
--          до этого шага, были подписаны, и на обычную маржу компании; шаг — самый дальний, до которого сделка дошла;
--          переданная в сервис из продаж ушла.
-- Grain:   step
-- Date:    на сегодня
-- Reads:   core.deals, core.pipelines, mart.farthest_steps, mart.profit_by_deal
-- Total:   deals, priced_deals, open_amount, expected_amount, potential_amount
-- Coverage: сумма есть = priced_deals / deals
-- Columns:
--   step           | hidden  | Шаг
--   label          | text    | Дошли до
--   deals          | integer | Открытые сделки
--   priced_deals   | integer | Из них с суммой
--   coverage       | text    | Полнота
--   open_amount    | money   | Сумма открытых
--   ended_deals    | integer | Законченных по истории
--   sign_rate      | percent | Доля подписанных из них
--   expected_amount | money  | Ожидаемый оборот
--   margin_rate    | percent | Обычная маржа
--   potential_amount | money | Потенциальная прибыль
-- Drill:
--   from core.deals as deals
--   left join mart.farthest_steps as farthest
--       on deals.deal_id = farthest.deal_id
--   left join core.pipelines as pipelines
--       on deals.pipeline_id = pipelines.pipeline_id
--   where
--       deals.is_sale and not deals.is_deleted and not deals.is_signed and not deals.is_lost
--       and deals.step is not null and deals.step <> 'won' and coalesce(farthest.rank, 0) <= 2
--       and not serviced(pipelines.kind)
--   step         = ['new', 'measure', 'quote'][1 + coalesce(farthest.rank, 0)]
--   deals        = count(*)
--   priced_deals = count(nullif(deals.contract_amount, 0))
--   open_amount  = sum(deals.contract_amount)

with steps (step, rank, label) as (

    values ('new', 0, 'новая'), ('measure', 1, 'замер'), ('quote', 2, 'КП')

),

typical as (

    select share(sum(profit_amount), sum(contract_amount) filter (is_complete)) as margin_rate
    from mart.profit_by_deal

),

deals as (

    select
        deals.contract_amount,
        deals.is_signed,
        deals.is_lost or deals.step = 'won' as is_ended,
        serviced(pipelines.kind) as is_serviced,
        coalesce(farthest.rank, 0) as rank
    from core.deals as deals
    left join mart.farthest_steps as farthest on deals.deal_id = farthest.deal_id
    left join core.pipelines as pipelines on deals.pipeline_id = pipelines.pipeline_id
    where deals.is_sale and not deals.is_deleted and deals.step is not null

),

ranks as (

    select
        rank,
        count(*) filter (is_ended) as ended_deals,
        count(*) filter (is_ended and is_signed) as signed_deals,
        count(*) filter (is_open) as deals,
        count(nullif(contract_amount, 0)) filter (is_open) as priced_deals,
        sum(contract_amount) filter (is_open) as open_amount
    from (select *, not is_ended and not is_signed and not is_serviced as is_open from deals)
    group by rank

),

ended as (

    select
        steps.step,
        whole(sum(ranks.ended_deals)) as ended_deals,
        whole(sum(ranks.signed_deals)) as signed_deals
    from steps
    inner join ranks on ranks.rank >= steps.rank
    group by steps.step

),

weighed as (

    select
        steps.step,
        steps.rank,
        steps.label,
        coalesce(ranks.deals, 0) as deals,
        coalesce(ranks.priced_deals, 0) as priced_deals,
        coalesce(ranks.open_amount, 0) as open_amount,
        coalesce(ended.ended_deals, 0) as ended_deals,
        share(ended.signed_deals, ended.ended_deals) as sign_rate
    from steps
    left join ranks on steps.rank = ranks.rank
    left join ended on steps.step = ended.step

)

select
    weighed.step,
    weighed.label,
    weighed.deals,
    weighed.priced_deals,
    coverage(weighed.priced_deals, weighed.deals) as coverage,
    money(weighed.open_amount) as open_amount,
    weighed.ended_deals,
    weighed.sign_rate,
    money(weighed.open_amount * weighed.sign_rate) as expected_amount,
    typical.margin_rate,
    money(money(weighed.open_amount * weighed.sign_rate) * typical.margin_rate) as potential_amount
from weighed
cross join typical
order by weighed.rank
