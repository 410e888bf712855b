#!lua flags=allow-oom
-- Writes a process's probe into a log of its own and rings for it, as a message does in a room.
--
-- KEYS  1 the probe's log
-- ARGV  1 number of the probe   2 channel to ring on   3 the process's group   4 lifetime of the log, ms
-- Reply 1
--
-- Atomic because the group must be there before the entry that it is to read. It runs without memory left, too: that
-- Redis takes no messages then is told by its own words.

if redis.call('EXISTS', KEYS[1]) == 0 then
    redis.call('XGROUP', 'CREATE', KEYS[1], ARGV[3], '$', 'MKSTREAM')
end
redis.call('XADD', KEYS[1], 'MAXLEN', 8, '*', 'n', ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[4])
redis.call('SPUBLISH', ARGV[2], ARGV[1])
return 1
