#!lua flags=allow-oom
-- Takes a gateway's group away from a room that nobody is subscribed to there any more.
--
-- KEYS  1 log   2 index of the rooms that this gateway has open in this shard   3 state
-- ARGV  1 room id   2 the gateway's group
-- Reply 1
--
-- Atomic so that the index never forgets a room that still has the group. From now on the room may become idle.

if redis.call('EXISTS', KEYS[1]) == 1 then
    redis.call('XGROUP', 'DESTROY', KEYS[1], ARGV[2])
end
redis.call('SREM', KEYS[2], ARGV[1])
if redis.call('EXISTS', KEYS[3]) == 1 then
    local time = redis.call('TIME')
    redis.call('HSET', KEYS[3], 'usedAt', tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000))
end
return 1
