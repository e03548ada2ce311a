select ordered_on, sum(revenue) as revenue, count(*) as orders
from marts.fact_orders_v1
group by ordered_on
