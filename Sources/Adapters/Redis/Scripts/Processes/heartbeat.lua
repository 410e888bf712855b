#!lua flags=allow-oom
-- Says that a gateway lives, by Redis' clock.
--
-- KEYS  1 gateways
-- ARGV  1 the gateway's group
-- Reply 1
--
-- A script only for the clock: whether a gateway is dead is told by comparing times of one clock. It goes on without
-- memory left: gateways must not seem dead for that.

local time = redis.call('TIME')
redis.call('ZADD', KEYS[1], tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000), ARGV[1])
return 1
