#!lua flags=allow-oom
-- Forgets a dead gateway, all of whose groups have been taken away.
--
-- KEYS  1 gateways
-- ARGV  1 the gateway's group   2 how long it must have been silent, ms
-- Reply 1, or 0 where it lives again
--
-- Atomic because a gateway that was only stopped may go on at any time: then it has to stay known.

local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local seen = redis.call('ZSCORE', KEYS[1], ARGV[1])
if not seen or tonumber(seen) > now - tonumber(ARGV[2]) then
    return 0
end
return redis.call('ZREM', KEYS[1], ARGV[1])
