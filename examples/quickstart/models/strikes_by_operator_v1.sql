-- How many strikes each operator has reported.
SELECT
  operator,
  count(*) AS strikes
FROM raw.birdstrikes
GROUP BY operator
