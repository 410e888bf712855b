-- Gives a gateway's loop a lot of the messages that a user may send in this minute.
--
-- KEYS  1 the user's allowance
-- ARGV  1 messages a minute   2 needed at least   3 the loop's name   4 the user
-- Reply messages in the lot, the minute (its beginning, ms of Redis' clock), ms that it still lasts
--
-- Atomic because two gateways must never be given the same messages. A minute begins with the first lot after the one
-- before has ended. Lots get smaller as less is left, so that little lies with loops that do not need it; where too
-- little is left, those that have taken lots are asked to give back what they did not use.

local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local most, needed = tonumber(ARGV[1]), tonumber(ARGV[2])
local minute = redis.call('HMGET', KEYS[1], 'at', 'taken')
local at, taken = tonumber(minute[1] or '0'), tonumber(minute[2] or '0')
-- Also where the clock was set back: a minute must not last for hours.
if now - at >= 60000 or now < at then
    redis.call('DEL', KEYS[1])
    at, taken = now, 0
end
local left = most - taken
local count = math.min(left, math.max(needed, math.ceil(left / 4)))
if count > 0 then
    redis.call('HSET', KEYS[1], 'at', at, 'taken', taken + count, 'by:' .. ARGV[3], '')
    redis.call('PEXPIRE', KEYS[1], at + 60000 - now)
end
if count < needed then
    for _, field in ipairs(redis.call('HKEYS', KEYS[1])) do
        local holder = string.match(field, '^by:(.*)$')
        if holder and holder ~= ARGV[3] then
            redis.call('PUBLISH', 'users:' .. holder, 'r ' .. ARGV[4])
        end
    end
end
return {count, at, at + 60000 - now}
