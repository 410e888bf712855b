-- Appends messages to a room's log and rings for them. A unit (the SENDs of one transaction) goes in whole or not at all.
--
-- KEYS  1 state   2 log   3 members   4 seen (0)   5 seen (1)   6 ready set of the shard
-- ARGV  1 room id   2 backlog limit   3 room's channel   4 shard's persister channel   5 remembering, ms
--       6 messages a minute that the room takes, 0: any number
--       then for each message: sender, temp id, message id, JSON members, how many of its unit follow, its
--       traceparent or nothing, and why it is refused unless it is a repeat, or nothing
-- Reply {'COLD'} where the room is not in Redis, else three values for each message:
--       'IN', "<message id> <ms>", seq       it is in the log (for a repeat: where the first one is)
--       'NO', reason, 0                      it is not; for ROOM_RATE the last is how long that lasts, ms
--
-- Atomic because a repeat must meet what the first try left, and because two messages must never get one number.
-- The first XADD is the first write: where Redis has no memory left it fails there, and nothing is half done.
--
-- A (sender, temp id) is remembered in two hashes that take turns: the newer collects, and when it is as old as the
-- remembering time it becomes the older one. Thus each is remembered for one to two such times at O(1) a message.

local state = redis.call('HMGET', KEYS[1], 'seq', 'last', 'savedSeq', 'time', 'turn', 'turnedAt', 'minuteAt', 'inMinute')
if not state[1] then
    return {'COLD'}
end

local seq = tonumber(state[1])
local last = state[2]
local savedSeq = tonumber(state[3])
local time = redis.call('TIME')
local clock = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
-- A clock that is set back must not make a later message look older. The room is due by the clock all the same.
local now = math.max(clock, tonumber(state[4]))
local newer, older = KEYS[4], KEYS[5]
if state[5] == '1' then
    newer, older = older, newer
end
local backlogLimit = tonumber(ARGV[2])
-- A minute begins with the first message after the one before has ended.
local rateLimit = tonumber(ARGV[6])
local minuteAt, inMinute = now, 0
if state[7] and now - tonumber(state[7]) < 60000 then
    minuteAt, inMinute = tonumber(state[7]), tonumber(state[8])
end
local reply = {}
local appended = 0
local refused, refusedNumber = nil, 0

for index = 7, #ARGV, 7 do
    local sender, tempId, messageId = ARGV[index], ARGV[index + 1], ARGV[index + 2]
    local following = tonumber(ARGV[index + 4])
    local key = sender .. ':' .. tempId
    local seen = redis.call('HGET', newer, key) or redis.call('HGET', older, key)
    local answer, detail, number = 'NO', nil, 0
    if seen then
        local id, at, firstSeq = string.match(seen, '^(%x+) (%d+) (%d+)$')
        answer, detail, number = 'IN', id .. ' ' .. at, tonumber(firstSeq)
    elseif refused then
        detail, number = refused, refusedNumber
    elseif ARGV[index + 6] ~= '' then
        detail = ARGV[index + 6]
    elseif redis.call('HEXISTS', KEYS[3], sender) == 0 then
        detail = 'NOT_PARTICIPANT'
    elseif seq + following - savedSeq >= backlogLimit then
        detail = 'BACKLOG'
    elseif rateLimit > 0 and inMinute + following >= rateLimit then
        detail, number = 'ROOM_RATE', minuteAt + 60000 - now
    else
        seq = seq + 1
        inMinute = inMinute + 1
        local position = seq .. '-0'
        local head = '1 m ' .. last .. ' ' .. now .. ' ' .. sender .. ' ' .. messageId .. ' ' .. tempId
        if ARGV[index + 5] ~= '' then
            head = head .. ' ' .. ARGV[index + 5]
        end
        redis.call('XADD', KEYS[2], position, 'h', head, 'b', ARGV[index + 3])
        redis.call('HSET', newer, key, messageId .. ' ' .. now .. ' ' .. seq)
        last = position
        appended = appended + 1
        answer, detail, number = 'IN', messageId .. ' ' .. now, seq
    end
    -- A unit is one sender's: what refuses its first message refuses the rest.
    if following == 0 then
        refused, refusedNumber = nil, 0
    elseif answer == 'NO' then
        refused, refusedNumber = detail, number
    end
    reply[#reply + 1] = answer
    reply[#reply + 1] = detail
    reply[#reply + 1] = number
end

if appended > 0 then
    redis.call(
        'HSET', KEYS[1], 'seq', seq, 'last', last, 'time', now, 'minuteAt', minuteAt, 'inMinute', inMinute)
    if now - tonumber(state[6]) >= tonumber(ARGV[5]) then
        redis.call('UNLINK', older)
        redis.call('HSET', KEYS[1], 'turn', state[5] == '1' and '0' or '1', 'turnedAt', now)
    end
    if redis.call('ZADD', KEYS[6], 'NX', clock, ARGV[1]) == 1 then
        redis.call('SPUBLISH', ARGV[4], '')
    end
    redis.call('SPUBLISH', ARGV[3], 'a ' .. last)
end
return reply
