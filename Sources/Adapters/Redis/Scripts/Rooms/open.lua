-- Opens a room for a gateway, and tells whether users may be there; again for further subscribers.
--
-- KEYS  1 state   2 log   3 members   4 index of the rooms that this gateway has open in this shard
-- ARGV  1 room id   2 the gateway's group   then the users' ids
-- Reply {'COLD'}, or {epoch, last, saved, membership version, then role and joinedSeq of each user or ''}
--
-- Atomic because the group must begin exactly at the position that is answered, with the membership of that moment.

local state = redis.call('HMGET', KEYS[1], 'epoch', 'last', 'saved', 'version')
if not state[1] then
    return {'COLD'}
end
-- A group that is there already keeps its place: the answer BUSYGROUP is expected.
redis.pcall('XGROUP', 'CREATE', KEYS[2], ARGV[2], state[2], 'MKSTREAM')
redis.call('SADD', KEYS[4], ARGV[1])
local reply = {state[1], state[2], state[3], state[4]}
for index = 3, #ARGV do
    reply[#reply + 1] = redis.call('HGET', KEYS[3], ARGV[index]) or ''
end
return reply
