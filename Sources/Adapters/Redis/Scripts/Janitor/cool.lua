#!lua flags=allow-oom
-- Takes an idle room out of Redis, all of it at once: from then on it is only in MongoDB.
--
-- KEYS  1 state   2 log   3 members   4 seen   5 seen   6 lock   7 ready set of the shard   8 index of warm rooms
--       9 rooms cooled last   10 tries   11 changed   12 changed
-- ARGV  1 room id   2 epoch   3 last position   4 membership version, these three as MongoDB has them
--       5 idle after, ms   6 the persister's group   7 how many cooled rooms to remember
-- Reply 1, or 0 where the room is in use, or not as MongoDB has it: nothing is changed then
--
-- Atomic because everything must be in MongoDB, and nobody be using the room, at the moment at which it goes: what was
-- published since MongoDB was asked has moved the last position. The number that the room leaves with tells warm.lua
-- what has been read from MongoDB before, and may be older than the room was. It goes on without memory left: it frees.

local state = redis.call('HMGET', KEYS[1], 'epoch', 'last', 'saved', 'version', 'time', 'usedAt')
if state[1] ~= ARGV[2] or state[2] ~= ARGV[3] or state[3] ~= ARGV[3] or state[4] ~= ARGV[4]
    or redis.call('EXISTS', KEYS[6]) == 1 or redis.call('ZSCORE', KEYS[7], ARGV[1]) then
    return 0
end
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
if now - math.max(tonumber(state[5]), tonumber(state[6] or 0)) < tonumber(ARGV[5]) then
    return 0
end
for _, flat in ipairs(redis.call('XINFO', 'GROUPS', KEYS[2])) do
    local group = {}
    for index = 1, #flat, 2 do
        group[flat[index]] = flat[index + 1]
    end
    if group.name ~= ARGV[6] or group.pending > 0 then
        return 0
    end
end
redis.call('UNLINK', KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[10], KEYS[11], KEYS[12])
redis.call('ZREM', KEYS[8], ARGV[1])
-- By the clock, so that numbers go on growing where Redis has lost them.
local newest = redis.call('ZRANGE', KEYS[9], 0, 0, 'REV', 'WITHSCORES')
redis.call('ZADD', KEYS[9], math.max(tonumber(newest[2] or 0) + 1, now), ARGV[1])
redis.call('ZREMRANGEBYRANK', KEYS[9], 0, -1 - tonumber(ARGV[7]))
return 1
