#!lua flags=allow-oom
-- Looks after rooms of a shard that are in Redis: what waits unnoticed is marked ready for the persister, consumers that
-- do not belong there are taken away, and rooms that may be cooled are named.
--
-- KEYS  1 index of warm rooms   2 ready set of the shard, then state, log and lock of each room
-- ARGV  1 the persister's group   2 its consumer   3 shard's persister channel   4 until the next visit, ms
--       5 idle after, ms   6 a consumer is idle after, ms   then the id of each room
-- Reply {put back, consumers deleted, then for each room that may be cooled: id, epoch, last, membership version}
--
-- Atomic because the ready set and the saved position of a room must be of one moment. Entries that a strange consumer
-- left are given to the persister's own, which reads what is pending first; not while a worker holds the room, who
-- relies on having seen all of it.

local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local reply = {0, 0}

local function fields(flat)
    local named = {}
    for index = 1, #flat, 2 do
        named[flat[index]] = flat[index + 1]
    end
    return named
end

-- Gives what idle strange consumers have pending to the persister's; deletes those that have nothing.
local function tidy(log)
    for _, flat in ipairs(redis.call('XINFO', 'CONSUMERS', log, ARGV[1])) do
        local consumer = fields(flat)
        if consumer.name ~= ARGV[2] and consumer.idle >= tonumber(ARGV[6]) then
            if consumer.pending == 0 then
                redis.call('XGROUP', 'DELCONSUMER', log, ARGV[1], consumer.name)
                reply[2] = reply[2] + 1
            else
                for _, entry in ipairs(redis.call('XPENDING', log, ARGV[1], '-', '+', 512, consumer.name)) do
                    redis.call('XCLAIM', log, ARGV[1], ARGV[2], 0, entry[1], 'JUSTID')
                end
            end
        end
    end
end

for index = 7, #ARGV do
    local room = ARGV[index]
    local first = 3 * (index - 6)
    local state = redis.call('HMGET', KEYS[first], 'epoch', 'last', 'saved', 'version', 'time', 'usedAt')
    if not state[1] then
        redis.call('ZREM', KEYS[1], room)
    else
        redis.call('ZADD', KEYS[1], now + tonumber(ARGV[4]), room)
        local isReady = redis.call('ZSCORE', KEYS[2], room)
        local isHeld = redis.call('EXISTS', KEYS[first + 2]) == 1
        local groups = redis.pcall('XINFO', 'GROUPS', KEYS[first + 1])
        -- Without its log a room is left as it is: somebody has to look into that.
        local isInUse = isReady or isHeld or groups.err
        for _, flat in ipairs(groups) do
            local group = fields(flat)
            if group.name == ARGV[1] then
                isInUse = isInUse or group.pending > 0
                if group.consumers > 1 and not isHeld then
                    tidy(KEYS[first + 1])
                end
            else
                isInUse = true
            end
        end
        if state[2] ~= state[3] then
            if not isReady then
                redis.call('ZADD', KEYS[2], now, room)
                redis.call('SPUBLISH', ARGV[3], '')
                reply[1] = reply[1] + 1
            end
        elseif not isInUse and now - math.max(tonumber(state[5]), tonumber(state[6] or 0)) >= tonumber(ARGV[5]) then
            for _, value in ipairs({room, state[1], state[2], state[4]}) do
                reply[#reply + 1] = value
            end
        end
    end
end
return reply
