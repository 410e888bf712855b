-- Names rooms of a shard that have something to persist and that nobody holds a lease on, by Redis' clock.
--
-- KEYS  1 ready set of the shard
-- ARGV  1 how many at the most
-- Reply the room ids, the longest due first
--
-- A script only for the clock: the due times in the set are Redis' own, and a worker's may differ.

local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
return redis.call('ZRANGE', KEYS[1], '-inf', now, 'BYSCORE', 'LIMIT', 0, ARGV[1])
