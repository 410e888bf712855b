#!lua flags=allow-oom
-- Reads a room's log from a gateway's cursor, and puts the gateway's group behind what was read; makes it where it is
-- gone.
--
-- KEYS  1 state   2 log   3 index of the rooms that this gateway has open in this shard
-- ARGV  1 room id   2 the gateway's group   3 cursor   4 how many entries at the most
-- Reply {'COLD'}, or {last, entries}
--
-- Atomic because the group must stand where the reading ended, and because no entries and an end of the log beyond the
-- cursor mean that what lies between is in MongoDB only.

local last = redis.call('HGET', KEYS[1], 'last')
if not last then
    return {'COLD'}
end
local entries = redis.call('XRANGE', KEYS[2], '(' .. ARGV[3], '+', 'COUNT', ARGV[4])
local place = #entries > 0 and entries[#entries][1] or ARGV[3]
-- A group that is there already answers BUSYGROUP, as expected.
redis.pcall('XGROUP', 'CREATE', KEYS[2], ARGV[2], place, 'MKSTREAM')
redis.call('XGROUP', 'SETID', KEYS[2], ARGV[2], place)
redis.call('SADD', KEYS[3], ARGV[1])
return {last, entries}
