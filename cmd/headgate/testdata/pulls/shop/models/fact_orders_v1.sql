select o.order_id, c.country, o.total as revenue, o.ordered_on
from raw.orders o
left join raw.customers c on c.customer_id = o.customer_id
where o.status <> 'refunded'
