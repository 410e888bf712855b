-- Puts a room that is only in MongoDB into Redis.
--
-- KEYS  1 state   2 log   3 members   4 index of warm rooms   5 rooms cooled last
-- ARGV  1 room id   2 epoch   3 last position   4 last seq   5 time of the newest message, ms   6 membership version
--       7 the persister's group   8 ticket: the highest number among the rooms cooled last, read before MongoDB was
--       then for each participant: user id, role and joinedSeq
-- Reply 1 where it was put there, 0 where it was there already (and stays as it is), -1 where it may have been cooled
--       since MongoDB was read: what was read may be older than the room was
--
-- Atomic because two gateways may warm one room at once, and a message may be published between.

if redis.call('EXISTS', KEYS[1]) == 1 then
    return 0
end
-- Cooled rooms are remembered from the lowest number on: a ticket below it says nothing about this room any more. One
-- above the highest is from before Redis lost them.
local ticket = tonumber(ARGV[8])
local lowest = redis.call('ZRANGE', KEYS[5], 0, 0, 'WITHSCORES')
local highest = redis.call('ZRANGE', KEYS[5], 0, 0, 'REV', 'WITHSCORES')
local cooled = redis.call('ZSCORE', KEYS[5], ARGV[1])
if ticket < tonumber(lowest[2] or 0) or ticket > tonumber(highest[2] or 0) or (cooled and tonumber(cooled) > ticket) then
    return -1
end
redis.call('DEL', KEYS[3])
redis.call('XGROUP', 'CREATE', KEYS[2], ARGV[7], ARGV[3], 'MKSTREAM')
-- A call takes about 8,000 arguments: the members of a large room go in slices.
for first = 9, #ARGV, 4000 do
    redis.call('HSET', KEYS[3], unpack(ARGV, first, math.min(first + 3999, #ARGV)))
end
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
redis.call('HSET', KEYS[1], 'epoch', ARGV[2], 'seq', ARGV[4], 'last', ARGV[3], 'saved', ARGV[3],
    'savedSeq', ARGV[4], 'version', ARGV[6], 'time', ARGV[5], 'turn', 0, 'turnedAt', 0, 'usedAt', now,
    'forgotten', ARGV[3])
redis.call('ZADD', KEYS[4], now, ARGV[1])
return 1
