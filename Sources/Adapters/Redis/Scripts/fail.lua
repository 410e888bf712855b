#!lua flags=allow-oom
-- Appends to a room's log that a message will never be stored, and forgets its temp id so that a retry is a new one.
--
-- KEYS  1 lock   2 state   3 log   4 seen   5 seen
-- ARGV  1 token of the persister's claim   2 sender   3 temp id   4 message id   5 code   6 room's channel
-- Reply 1, or 0 where the lock is not the caller's (any more), or the failure has been told before
--
-- Atomic because the entry's position follows the end of the log, and because the temp id must not be free before the
-- failure is told.

if redis.call('GET', KEYS[1]) ~= ARGV[1] then
    return 0
end
local key = ARGV[2] .. ':' .. ARGV[3]
local seen = redis.call('HGET', KEYS[4], key) or redis.call('HGET', KEYS[5], key)
if not seen or string.sub(seen, 1, 24) ~= ARGV[4] then
    return 0
end
local last = redis.call('HGET', KEYS[2], 'last')
local seq, change = string.match(last, '^(%d+)-(%d+)$')
local position = seq .. '-' .. (tonumber(change) + 1)
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local head = '1 f ' .. last .. ' ' .. now .. ' ' .. ARGV[2] .. ' ' .. ARGV[4] .. ' ' .. ARGV[3]
redis.call('XADD', KEYS[3], position, 'h', head, 'b', ARGV[5])
redis.call('HSET', KEYS[2], 'last', position)
redis.call('HDEL', KEYS[4], key)
redis.call('HDEL', KEYS[5], key)
redis.call('SPUBLISH', ARGV[6], 'a ' .. position)
return 1
