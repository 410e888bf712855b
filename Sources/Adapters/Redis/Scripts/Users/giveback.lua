-- Takes back what a loop did not use of its lots.
--
-- KEYS  1 the user's allowance
-- ARGV  1 messages   2 the minute that they are of   3 the loop's name
-- Reply 1 where they are to be had again, 0 where their minute is over
--
-- Atomic because what is of a minute that is over must not be added to the next one.

if redis.call('HGET', KEYS[1], 'at') ~= ARGV[2] then
    return 0
end
redis.call('HINCRBY', KEYS[1], 'taken', -tonumber(ARGV[1]))
redis.call('HDEL', KEYS[1], 'by:' .. ARGV[3])
return 1
