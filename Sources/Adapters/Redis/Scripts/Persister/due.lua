-- Names members of a sorted set whose time has come, by Redis' clock: rooms of a shard that have something to persist
-- and that nobody holds a lease on, rooms that are to be looked after, gateways that have been silent for long.
--
-- KEYS  1 the set
-- ARGV  1 how many at the most   2 how long ago their time must have come, ms
-- Reply the members, the longest due first
--
-- A script only for the clock: the times in the set are Redis' own, and a caller's may differ.

local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
return redis.call('ZRANGE', KEYS[1], '-inf', now - tonumber(ARGV[2]), 'BYSCORE', 'LIMIT', 0, ARGV[1])
