#!lua flags=allow-oom
-- Takes a gateway's group away from a room that nobody is subscribed to there any more.
--
-- KEYS  1 log   2 index of the rooms that this gateway has open in this shard
-- ARGV  1 room id   2 the gateway's group
-- Reply 1
--
-- Atomic so that the index never forgets a room that still has the group.

if redis.call('EXISTS', KEYS[1]) == 1 then
    redis.call('XGROUP', 'DESTROY', KEYS[1], ARGV[2])
end
redis.call('SREM', KEYS[2], ARGV[1])
return 1
