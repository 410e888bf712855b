-- Notes that a session of a user lives; where the user has too many then, the oldest end and their gateways are told.
--
-- KEYS  1 the user's sessions
-- ARGV  1 the session, <loop's name>:<number>   2 sessions that a user may have   3 ms after which one counts as dead
--       4 '1' where it is new, else it was noted before
-- Reply 1 where it counts among the user's sessions; 0 where others have its place and it is to end
--
-- Atomic because two sessions that begin at once must not both find the last free place.
--
-- A gateway notes its sessions again and again; one that it does not note any more is dropped when somebody looks.

local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local own, most, lifetime = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local noted = redis.call('HGETALL', KEYS[1])
local others, since = {}, nil
for index = 1, #noted, 2 do
    local id = noted[index]
    local began, heard = string.match(noted[index + 1], '^(%d+) (%d+)$')
    if id == own then
        since = tonumber(began)
    elseif now - tonumber(heard) > lifetime then
        redis.call('HDEL', KEYS[1], id)
    else
        others[#others + 1] = {id, tonumber(began)}
    end
end
if not since and ARGV[4] ~= '1' and #others >= most then
    return 0
end
redis.call('HSET', KEYS[1], own, (since or now) .. ' ' .. now)
redis.call('PEXPIRE', KEYS[1], 2 * lifetime)
if not since and #others >= most then
    table.sort(others, function(a, b) return a[2] < b[2] or (a[2] == b[2] and a[1] < b[1]) end)
    for index = 1, #others + 1 - most do
        local id = others[index][1]
        redis.call('HDEL', KEYS[1], id)
        local loop, number = string.match(id, '^(.*):(%d+)$')
        redis.call('PUBLISH', 'users:' .. loop, 'e ' .. number)
    end
end
return 1
