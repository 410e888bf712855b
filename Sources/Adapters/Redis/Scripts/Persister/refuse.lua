#!lua flags=allow-oom
-- Counts that storing an entry failed through the entry itself.
--
-- KEYS  1 lock   2 tries
-- ARGV  1 token of the persister's claim   2 position   3 cause, without line feeds
-- Reply all tries of the entry so far, a line each: ms since 1970, a space, the cause; nil where the lock is not the
--       caller's (any more): nothing is counted then
--
-- Atomic because a worker that was stopped past its lease must not count a try beside the next one's. It is kept here,
-- so that it outlives the persister; finish.lua drops it with the entry. It goes on without memory left: storing is what
-- frees it.

if redis.call('GET', KEYS[1]) ~= ARGV[1] then
    return false
end
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local earlier = redis.call('HGET', KEYS[2], ARGV[2])
local tries = (earlier and earlier .. '\n' or '') .. now .. ' ' .. ARGV[3]
redis.call('HSET', KEYS[2], ARGV[2], tries)
return tries
