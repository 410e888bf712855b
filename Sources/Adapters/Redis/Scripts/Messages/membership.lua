-- Changes who is in a room, and says so in its log as a message of the room itself.
--
-- KEYS  1 state   2 log   3 members   4 ready set of the shard   5 seen (0)   6 seen (1)
-- ARGV  1 room id   2 actor   3 INVITE, KICK or LEAVE   4 message id   5 JSON members   6 limit of participants
--       7 room's channel   8 shard's persister channel   9 backlog limit   10 why a change is refused, or nothing
--       then the ids of the users it is about
-- Reply {'COLD'}, {'NO', code}, or {'IN', seq}; seq 0 where all who are invited were in the room; where the call is
--       repeated, with the same message id, what the first one came to
--
-- Atomic because roles are checked, the members changed and the entry appended as of one moment: a message after the
-- entry is by somebody who is in the room then, whichever gateway it came through. The message id is remembered beside
-- the temp ids of messages (see publish.lua): a call whose answer was lost can be repeated, and somebody who was let in
-- again meanwhile is not put out twice.

local state = redis.call('HMGET', KEYS[1], 'seq', 'last', 'savedSeq', 'time', 'version', 'turn')
if not state[1] then
    return {'COLD'}
end
local key = ARGV[2] .. ':' .. ARGV[4]
local seen = redis.call('HGET', KEYS[5], key) or redis.call('HGET', KEYS[6], key)
if seen then
    return {'IN', tonumber(string.match(seen, '(%d+)$'))}
end
local kind = ARGV[3]
local own = redis.call('HGET', KEYS[3], ARGV[2])
if not own then
    return {'NO', 'NOT_PARTICIPANT'}
end
local seq = tonumber(state[1]) + 1
if seq - tonumber(state[3]) > tonumber(ARGV[9]) then
    return {'NO', 'BUSY'}
end

local users = {}
for index = 11, #ARGV do
    local user = ARGV[index]
    local standing = redis.call('HGET', KEYS[3], user)
    if kind == 'KICK' and standing then
        local mine, theirs = string.sub(own, 1, 1), string.sub(standing, 1, 1)
        -- An owner kicks anyone, an admin only members.
        if mine == 'M' or theirs == 'O' or (mine == 'A' and theirs == 'A') then
            return {'NO', 'FORBIDDEN'}
        end
    end
    if (kind == 'INVITE') == not standing then
        users[#users + 1] = user
    end
end
if #users == 0 then
    return kind == 'INVITE' and {'IN', 0} or {'NO', 'USER_NOT_FOUND'}
end
if ARGV[10] ~= '' then
    return {'NO', ARGV[10]}
end
if kind == 'INVITE' and redis.call('HLEN', KEYS[3]) + #users > tonumber(ARGV[6]) then
    return {'NO', 'TOO_MANY'}
end

local time = redis.call('TIME')
local clock = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local now = math.max(clock, tonumber(state[4]))
local version = tonumber(state[5]) + 1
local position = seq .. '-0'
local head = '1 s ' .. state[2] .. ' ' .. now .. ' ' .. ARGV[2] .. ' ' .. ARGV[4] .. ' '
    .. kind .. ' ' .. version .. ' ' .. table.concat(users, ',')
redis.call('XADD', KEYS[2], position, 'h', head, 'b', ARGV[5])
redis.call('HSET', state[6] == '1' and KEYS[6] or KEYS[5], key, ARGV[4] .. ' ' .. now .. ' ' .. seq)
for _, user in ipairs(users) do
    if kind == 'INVITE' then
        redis.call('HSET', KEYS[3], user, 'M' .. seq)
    else
        redis.call('HDEL', KEYS[3], user)
    end
end
redis.call('HSET', KEYS[1], 'seq', seq, 'last', position, 'time', now, 'version', version)
if redis.call('ZADD', KEYS[4], 'NX', clock, ARGV[1]) == 1 then
    redis.call('SPUBLISH', ARGV[8], '')
end
redis.call('SPUBLISH', ARGV[7], 'a ' .. position)
return {'IN', seq}
