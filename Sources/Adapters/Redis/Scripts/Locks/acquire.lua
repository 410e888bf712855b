-- Takes a distributed lock, where nobody holds it, and gives the holder a number that only grows.
--
-- KEYS  1 lock   2 fencing number
-- ARGV  1 token of this holder   2 lease, ms
-- Reply the fencing number, or 0 where another holds the lock
--
-- Atomic because the number must be given out in the order in which the lock was taken. Who asks again with the same
-- token, since the first answer was lost, is the holder and gets the same number.

if redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then
    return redis.call('INCR', KEYS[2])
end
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
    return 0
end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return tonumber(redis.call('GET', KEYS[2]))
