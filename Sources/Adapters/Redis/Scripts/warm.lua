-- Puts a room that is only in MongoDB into Redis.
--
-- KEYS  1 state   2 log   3 members
-- ARGV  1 epoch   2 last position   3 last seq   4 membership version   5 the persister's group
--       then for each participant: user id, role and joinedSeq
-- Reply 1 where it was put there, 0 where it was there already (and stays as it is)
--
-- Atomic because two gateways may warm one room at once, and a message may be published between.

if redis.call('EXISTS', KEYS[1]) == 1 then
    return 0
end
-- What an interrupted cooling may have left is not the room's any more.
redis.call('DEL', KEYS[3])
redis.call('XGROUP', 'CREATE', KEYS[2], ARGV[5], ARGV[2], 'MKSTREAM')
-- A call takes about 8,000 arguments: the members of a large room go in slices.
for first = 6, #ARGV, 4000 do
    redis.call('HSET', KEYS[3], unpack(ARGV, first, math.min(first + 3999, #ARGV)))
end
redis.call('HSET', KEYS[1], 'epoch', ARGV[1], 'seq', ARGV[3], 'last', ARGV[2], 'saved', ARGV[2],
    'savedSeq', ARGV[3], 'version', ARGV[4], 'time', 0, 'turn', 0, 'turnedAt', 0, 'forgotten', ARGV[2])
return 1
