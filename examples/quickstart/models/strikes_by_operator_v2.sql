-- How many strikes each operator has reported, how many of them did damage, and
-- what they cost.
SELECT
  operator,
  count(*) AS strikes,
  count(*) FILTER (WHERE damage <> 'None') AS damaging,
  sum(cost_total) AS cost_total
FROM raw.birdstrikes
GROUP BY operator
