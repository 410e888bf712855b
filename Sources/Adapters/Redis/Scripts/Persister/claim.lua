#!lua flags=allow-oom
-- Claims due rooms of a shard for one persister worker: a lease in the ready set and a lock on each room.
--
-- KEYS  1 ready set of the shard, then the lock of each room
-- ARGV  1 token of the claim   2 lease, ms   then the id of each room
-- Reply the ids of the rooms that are now the caller's
--
-- Atomic because the lease and the lock of a room must be the same worker's. The lock carries the token, so that a
-- worker that was stopped past its lease finds its reading and its finish refused. It goes on without memory left:
-- storing is what frees it.

local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local lease = tonumber(ARGV[2])
local claimed = {}
for index = 3, #ARGV do
    local room = ARGV[index]
    local due = redis.call('ZSCORE', KEYS[1], room)
    if due and tonumber(due) <= now
        and redis.call('SET', KEYS[index - 1], ARGV[1], 'NX', 'PX', lease) then
        redis.call('ZADD', KEYS[1], now + lease, room)
        claimed[#claimed + 1] = room
    end
end
return claimed
