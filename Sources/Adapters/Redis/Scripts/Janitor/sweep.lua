#!lua flags=allow-oom
-- Takes a dead gateway's group away from rooms.
--
-- KEYS  1 index of the rooms that the gateway has open in this shard, then the log of each room
-- ARGV  1 the gateway's group   then the id of each room
-- Reply how many groups were there
--
-- Atomic so that the index never forgets a room that still has the group. A gateway that was only stopped makes its
-- groups again where its cursors are.

local swept = 0
for index = 2, #ARGV do
    if redis.call('EXISTS', KEYS[index]) == 1 then
        swept = swept + redis.call('XGROUP', 'DESTROY', KEYS[index], ARGV[1])
    end
    redis.call('SREM', KEYS[1], ARGV[index])
end
return swept
