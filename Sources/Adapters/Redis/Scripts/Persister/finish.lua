#!lua flags=allow-oom
-- Ends a worker's claim on a room: what it stored is acknowledged, the saved position moves, the log is trimmed.
--
-- KEYS  1 lock   2 state   3 log   4 ready set of the shard   5 tries   6 index of warm rooms
-- ARGV  1 token of the claim   2 room id   3 group   4 consumer   5 saved position, '' for unchanged   6 saved seq
--       7 entries to keep for replay   8 room's channel   9 shard's persister channel   10 retry after, ms (0: at once)
--       11 how many ids to acknowledge, then those, then the ids that go back unfinished
-- Reply 1, or 0 where the lock is not the caller's (any more): nothing is changed then
--
-- Atomic because the claim must still hold when the position moves, and because an entry that comes meanwhile either
-- is seen here or finds the room out of the ready set and puts it back. The saved position never goes back.

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
local lastDone = 11 + tonumber(ARGV[11])
for first = 12, lastDone, 4000 do
    redis.call('XACK', KEYS[3], ARGV[3], unpack(ARGV, first, math.min(first + 3999, lastDone)))
end
if lastDone > 11 and redis.call('EXISTS', KEYS[5]) == 1 then
    for index = 12, lastDone do
        redis.call('HDEL', KEYS[5], ARGV[index], 'buried:' .. ARGV[index])
    end
    -- Nobody died of these: take.lua trusts twice as many the next time.
    if redis.call('HEXISTS', KEYS[5], 'careful') == 1 then
        if redis.call('XPENDING', KEYS[3], ARGV[3])[1] == 0 then
            redis.call('HDEL', KEYS[5], 'careful')
        else
            redis.call('HSET', KEYS[5], 'careful', 2 * tonumber(ARGV[11]))
        end
    end
end
for first = lastDone + 1, #ARGV, 4000 do
    -- Their deliveries count from 0 again: nobody died of them.
    local claim = {unpack(ARGV, first, math.min(first + 3999, #ARGV))}
    claim[#claim + 1] = 'RETRYCOUNT'
    claim[#claim + 1] = 0
    claim[#claim + 1] = 'JUSTID'
    redis.call('XCLAIM', KEYS[3], ARGV[3], ARGV[4], 0, unpack(claim))
end
local state = redis.call('HMGET', KEYS[2], 'last', 'saved', 'seq', 'changes')
local moved = ARGV[5] ~= '' and isBefore(state[2], ARGV[5])
local saved = moved and ARGV[5] or state[2]
if moved then
    redis.call('HSET', KEYS[2], 'saved', saved, 'savedSeq', ARGV[6])
    -- Never past the saved position; ~ lets Redis drop whole nodes of the stream only, which is cheap.
    local keepFrom = math.min(tonumber(ARGV[6]), tonumber(state[3]) - tonumber(ARGV[7]))
    if keepFrom > 1 then
        redis.call('XTRIM', KEYS[3], 'MINID', '~', keepFrom .. '-0')
    end
    -- Changes have no number of their own: what they add is cut by length, a stretch at a time.
    local surplus = redis.call('XLEN', KEYS[3]) - (tonumber(state[3]) - tonumber(ARGV[6])) - tonumber(ARGV[7])
    if surplus > tonumber(ARGV[7]) then
        local stretch = redis.call('XRANGE', KEYS[3], '-', '+', 'COUNT', math.min(surplus, 1000))
        local first = stretch[#stretch][1]
        if isBefore(first, saved) then
            redis.call('XTRIM', KEYS[3], 'MINID', '~', first)
        end
    end
end
local changes = tonumber(state[4] or 0)
if changes > 0 then
    for index = 12, lastDone do
        changes = changes - (string.sub(ARGV[index], -2) == '-0' and 0 or 1)
    end
    redis.call('HSET', KEYS[2], 'changes', state[1] == saved and 0 or math.max(changes, 0))
end
-- An entry that somebody else appended behind the last of ours must not bring the room back for ever.
if not isBefore(saved, state[1]) then
    redis.call('ZREM', KEYS[4], ARGV[2])
else
    local time = redis.call('TIME')
    local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
    redis.call('ZADD', KEYS[4], now + tonumber(ARGV[10]), ARGV[2])
    if ARGV[10] == '0' then
        redis.call('SPUBLISH', ARGV[9], '')
    end
end
redis.call('DEL', KEYS[1])
-- A room that another release has put here is looked after from now on, too.
redis.call('ZADD', KEYS[6], 'NX', 0, ARGV[2])
if moved then
    redis.call('SPUBLISH', ARGV[8], 's ' .. saved)
end
return 1
