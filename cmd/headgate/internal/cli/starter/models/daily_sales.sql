select
    cast(ordered_at as date) as day,
    count(*) as orders,
    sum(total) as revenue
from raw.orders
where status = 'paid'
group by 1
