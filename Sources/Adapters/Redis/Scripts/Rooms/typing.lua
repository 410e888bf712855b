-- Tells a room's gateways that somebody types, or has stopped.
--
-- KEYS  1 members   2 the user's pause in this room
-- ARGV  1 user   2 '1' types, '0' has stopped   3 room's channel   4 pause, ms
-- Reply 0 told, or nobody there to tell; -1 not a participant; else how long the user's pause still lasts, ms
--
-- Atomic because two sessions of a user must not both find the pause over. Nothing is kept of it but the pause.

if redis.call('HEXISTS', KEYS[1], ARGV[1]) == 0 then
    -- A room that is not in Redis has nobody who listens.
    return redis.call('EXISTS', KEYS[1]) == 0 and 0 or -1
end
if not redis.call('SET', KEYS[2], '', 'PX', ARGV[4], 'NX') then
    return math.max(redis.call('PTTL', KEYS[2]), 1)
end
redis.call('SPUBLISH', ARGV[3], 't ' .. ARGV[1] .. ' ' .. ARGV[2])
return 0
