#!lua flags=allow-oom
-- Gives an entry up: says in the room's log that its message will never be stored, forgets its temp id so that a retry is
-- a new message, and puts the dead letter into the shard's stream.
--
-- KEYS  1 lock   2 state   3 log   4 seen   5 seen   6 tries   7 dead letters of the shard   8 changed   9 changed
-- ARGV  1 token of the persister's claim   2 position   3 room id   4 code   5 cause   6 room's channel
--       7 entries that the shard's stream keeps   8 message id   9 sender   10 temp id; the last three '' where unknown
-- Reply 1, or 0 where the lock is not the caller's (any more), or the entry was buried before
--
-- Atomic because all of it is done once: the mark beside the entry's tries says so until finish.lua drops both. The temp
-- id must not be free before the failure is told, whose position follows the end of the log.
--
-- A change that is given up is forgotten, or change.lua would carry it on into the next change of its message. Whoever
-- read that message before has to read it again, which `forgotten` in the state is for.

local function isBefore(left, right)
    local leftSeq, leftChange = string.match(left, '^(%d+)-(%d+)$')
    local rightSeq, rightChange = string.match(right, '^(%d+)-(%d+)$')
    if leftSeq ~= rightSeq then
        return tonumber(leftSeq) < tonumber(rightSeq)
    end
    return tonumber(leftChange) < tonumber(rightChange)
end

if redis.call('GET', KEYS[1]) ~= ARGV[1] then
    return 0
end
if redis.call('HSETNX', KEYS[6], 'buried:' .. ARGV[2], '1') == 0 then
    return 0
end
for index = 8, 9 do
    local kept = ARGV[8] ~= '' and redis.call('HGET', KEYS[index], ARGV[8])
    if kept and string.match(kept, '^%S+') == ARGV[2] then
        redis.call('HDEL', KEYS[index], ARGV[8])
        if isBefore(redis.call('HGET', KEYS[2], 'forgotten') or '0-0', ARGV[2]) then
            redis.call('HSET', KEYS[2], 'forgotten', ARGV[2])
        end
    end
end
redis.call('XADD', KEYS[7], 'MAXLEN', '~', ARGV[7], '*', 'id', ARGV[3] .. '-' .. ARGV[2], 'message', ARGV[8],
    'sender', ARGV[9], 'tempId', ARGV[10], 'cause', ARGV[5])
if ARGV[10] == '' then
    return 1
end
local state = redis.call('HMGET', KEYS[2], 'last', 'time')
local seq, change = string.match(state[1], '^(%d+)-(%d+)$')
local position = seq .. '-' .. (tonumber(change) + 1)
local time = redis.call('TIME')
local now = math.max(tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000), tonumber(state[2]))
local head = '1 f ' .. state[1] .. ' ' .. now .. ' ' .. ARGV[9] .. ' ' .. ARGV[8] .. ' ' .. ARGV[10]
redis.call('XADD', KEYS[3], position, 'h', head, 'b', ARGV[4])
redis.call('HSET', KEYS[2], 'last', position, 'time', now)
local key = ARGV[9] .. ':' .. ARGV[10]
for index = 4, 5 do
    local seen = redis.call('HGET', KEYS[index], key)
    if seen and string.sub(seen, 1, 24) == ARGV[8] then
        redis.call('HDEL', KEYS[index], key)
    end
end
redis.call('SPUBLISH', ARGV[6], 'a ' .. position)
return 1
