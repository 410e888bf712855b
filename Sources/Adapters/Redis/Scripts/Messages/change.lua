-- Changes a message that is in the room's log or stored, and appends it as it is then.
--
-- KEYS  1 state   2 log   3 members   4 changed (0)   5 changed (1)   6 ready set of the shard
-- ARGV  1 room id   2 actor   3 edit, delete, react or unreact   4 idempotency key   5 backlog limit   6 remembering, ms
--       7 room's channel   8 shard's persister channel   9 most signs   10 most reactions
--       the message as the caller read it: 11 id   12 seq   13 who may edit it, '' nobody   14 sender   15 temp id or -
--       16 ms when sent   17 position up to which no change is missing in it   18 ms when edited, 0 never
--       19 1 if deleted   20 its JSON members
--       21 members in their new form (edit, delete: without reactions), or the sign (react, unreact)
-- Reply {'COLD'}, {'NO', code}, {'OUTDATED'}: read the message again, {'SAME'}: as the caller read it, with nothing to
--       change, or {'IN' or 'SAME', position, head, members}: as it is now
--
-- Atomic because two changes of one message must both be in what the later one leaves, and because of the position.
--
-- A message that was changed lately is remembered as its last entry tells it: `<position> <head>`, a line feed, its
-- members. That, and not what the caller read, is then what is changed. Two hashes take turns as those of publish.lua do,
-- but one is dropped only when all in it is stored, and the state keeps up to where such are dropped: whoever read the
-- message before that has to read it again. Idempotency keys lie beside, under `<actor>:<key>`.

local state = redis.call('HMGET', KEYS[1], 'seq', 'last', 'saved', 'savedSeq', 'time', 'changes', 'keep', 'keepSince',
    'keepFrom', 'forgotten')
if not state[1] then
    return {'COLD'}
end
local actor, kind, id, seq = ARGV[2], ARGV[3], ARGV[11], ARGV[12]

local function isBefore(left, right)
    local leftSeq, leftChange = string.match(left, '^(%d+)-(%d+)$')
    local rightSeq, rightChange = string.match(right, '^(%d+)-(%d+)$')
    if leftSeq ~= rightSeq then
        return tonumber(leftSeq) < tonumber(rightSeq)
    end
    return tonumber(leftChange) < tonumber(rightChange)
end

local newer, older = KEYS[4], KEYS[5]
if state[7] == '1' then
    newer, older = older, newer
end
local function recall(field)
    return redis.call('HGET', newer, field) or redis.call('HGET', older, field)
end

local position, head, members
local kept = recall(id)
if kept then
    position, head, members = string.match(kept, '^(%S+) ([^\n]*)\n(.*)$')
end
-- A repeat is answered first, whatever has become of the actor since.
local key = actor .. ':' .. ARGV[4]
if kept and recall(key) then
    return {'IN', position, head, members}
end

local own = redis.call('HGET', KEYS[3], actor)
if not own then
    return {'NO', 'NOT_PARTICIPANT'}
end
if tonumber(string.sub(own, 2)) >= tonumber(seq) then
    return {'NO', 'MESSAGE_NOT_FOUND'}
end
if not kept and isBefore(ARGV[17], state[10] or '0-0') then
    return {'OUTDATED'}
end
local edited, deleted = ARGV[18], ARGV[19] == '1'
if kept then
    local flags
    flags, edited = string.match(head, ' (%S+) %S+ %S+ %S+ (%d+)$')
    deleted = string.find(flags, 'd', 1, true) ~= nil
else
    members = ARGV[20]
end
local function same()
    return kept and {'SAME', position, head, members} or {'SAME'}
end

-- No quote within a JSON string goes without a backslash: this begins a member and nothing else.
local start = string.find(members, ',"reactions":{', 1, true)
local reactions = start and string.sub(members, start) or ''
local rest = start and string.sub(members, 1, start - 1) or members

if kind == 'edit' or kind == 'delete' then
    local role = string.sub(own, 1, 1)
    if ARGV[13] == '' or (actor ~= ARGV[13] and (kind == 'edit' or role == 'M')) then
        return {'NO', 'FORBIDDEN'}
    end
end
if deleted then
    return kind == 'delete' and same() or {'NO', 'MESSAGE_DELETED'}
elseif kind == 'delete' then
    deleted, reactions, rest = true, '', ARGV[21]
elseif kind == 'edit' then
    if rest == ARGV[21] then
        return same()
    end
    rest = ARGV[21]
else
    local signs, all, found, hasReacted = {}, 0, false, false
    for sign, list in string.gmatch(string.sub(reactions, 14), '"([^"]+)":%[([%d,]+)%]') do
        local users = {}
        for user in string.gmatch(list, '%d+') do
            local isOwn = sign == ARGV[21] and user == actor
            hasReacted = hasReacted or isOwn
            if not isOwn then
                users[#users + 1] = user
            end
        end
        if sign == ARGV[21] then
            found = true
            if kind == 'react' then
                users[#users + 1] = actor
            end
        end
        all = all + #users
        if #users > 0 then
            signs[#signs + 1] = '"' .. sign .. '":[' .. table.concat(users, ',') .. ']'
        end
    end
    if (kind == 'react') == hasReacted then
        return same()
    end
    if kind == 'react' and not found then
        signs[#signs + 1] = '"' .. ARGV[21] .. '":[' .. actor .. ']'
        all = all + 1
    end
    if kind == 'react' and (#signs > tonumber(ARGV[9]) or all > tonumber(ARGV[10])) then
        return {'NO', 'TOO_MANY'}
    end
    reactions = #signs > 0 and ',"reactions":{' .. table.concat(signs, ',') .. '}' or ''
end

local unsaved = tonumber(state[6] or 0)
if tonumber(state[1]) - tonumber(state[4]) + unsaved >= tonumber(ARGV[5]) then
    return {'NO', 'BUSY'}
end

local time = redis.call('TIME')
local clock = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local now = math.max(clock, tonumber(state[5]))
if kind == 'edit' then
    edited = now
end
local lastSeq, lastChange = string.match(state[2], '^(%d+)-(%d+)$')
position = lastSeq .. '-' .. (tonumber(lastChange) + 1)
local flags = (tonumber(seq) <= tonumber(state[4]) and 's' or '-') .. (deleted and 'd' or '')
head = table.concat({'1 c', state[2], now, actor, id, kind, seq, flags, ARGV[14], ARGV[15], ARGV[16], edited}, ' ')
members = rest .. reactions
redis.call('XADD', KEYS[2], position, 'h', head, 'b', members)

local since, from = tonumber(state[8] or 0), state[9] or '0-0'
if now - since >= tonumber(ARGV[6]) and not isBefore(state[3], from) then
    redis.call('UNLINK', older)
    newer = older
    redis.call('HSET', KEYS[1], 'keep', state[7] == '1' and '0' or '1', 'keepSince', now, 'keepFrom', state[2])
    if isBefore(state[10] or '0-0', from) then
        redis.call('HSET', KEYS[1], 'forgotten', from)
    end
end
redis.call('HSET', newer, id, position .. ' ' .. head .. '\n' .. members, key, 1)
redis.call('HSET', KEYS[1], 'last', position, 'time', now, 'changes', unsaved + 1)
if redis.call('ZADD', KEYS[6], 'NX', clock, ARGV[1]) == 1 then
    redis.call('SPUBLISH', ARGV[8], '')
end
redis.call('SPUBLISH', ARGV[7], 'a ' .. position)
return {'IN', position, head, members}
