#!lua flags=allow-oom
-- Gives a distributed lock back, by who holds it.
--
-- KEYS  1 lock
-- ARGV  1 token of this holder
-- Reply 1, or 0 where the lock is not the caller's (any more)
--
-- Atomic because between looking and deleting the lock may run out and become another's.

if redis.call('GET', KEYS[1]) ~= ARGV[1] then
    return 0
end
return redis.call('DEL', KEYS[1])
