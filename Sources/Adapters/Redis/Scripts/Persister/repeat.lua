#!lua flags=allow-oom
-- Appends to a room's log that a message repeats an earlier one and has become a tombstone.
--
-- KEYS  1 lock   2 state   3 log   4 changed (0)   5 changed (1)
-- ARGV  1 token of the persister's claim   2 message id   3 seq   4 sender   5 ms when sent   6 its JSON members
--       7 room's channel
-- Reply 1, or 0 where the lock is not the caller's (any more), or it has been told before
--
-- Atomic because the entry's position follows the end of the log, and because it is told once: the message is remembered
-- as change.lua does it, which is for longer than its entry is unsaved and might be stored again.

if redis.call('GET', KEYS[1]) ~= ARGV[1] then
    return 0
end
local id = ARGV[2]
local state = redis.call('HMGET', KEYS[2], 'last', 'time', 'changes', 'keep')
local newer, older = KEYS[4], KEYS[5]
if state[4] == '1' then
    newer, older = older, newer
end
local kept = redis.call('HGET', newer, id) or redis.call('HGET', older, id)
if kept and string.match(kept, '^[^\n]* %S*d %S+ %S+ %S+ %d+\n') then
    return 0
end
local time = redis.call('TIME')
local now = math.max(tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000), tonumber(state[2]))
local seq, change = string.match(state[1], '^(%d+)-(%d+)$')
local position = seq .. '-' .. (tonumber(change) + 1)
local head = table.concat({'1 c', state[1], now, 0, id, 'delete', ARGV[3], 'sd', ARGV[4], '-', ARGV[5], 0}, ' ')
redis.call('XADD', KEYS[3], position, 'h', head, 'b', ARGV[6])
redis.call('HSET', newer, id, position .. ' ' .. head .. '\n' .. ARGV[6])
redis.call('HSET', KEYS[2], 'last', position, 'time', now, 'changes', tonumber(state[3] or 0) + 1)
redis.call('SPUBLISH', ARGV[7], 'a ' .. position)
return 1
