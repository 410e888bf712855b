-- Counts attempts to log in that failed, of one account or from one address, and lets further ones wait ever longer.
--
-- KEYS  1 the attempts
-- ARGV  1 what is asked:  LOOK   whether one has to wait
--                         BEGIN  the same, and where not the attempt counts as failed until it is known better
--                         FAIL   one has failed
--                         UNDO   one that was begun was not about the password
--       2 attempts that may fail without a wait   3 longest wait, ms   4 after how long without any all is forgotten, ms
-- Reply how long to wait, ms; 0: not at all
--
-- Atomic because guesses that are made side by side must be counted before any of them is answered.

local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local asked, free, longest = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local known = redis.call('HMGET', KEYS[1], 'failed', 'until')
local failed, waitUntil = tonumber(known[1] or '0'), tonumber(known[2] or '0')
if asked == 'LOOK' or asked == 'BEGIN' then
    local wait = waitUntil - now
    if wait > 0 then
        -- Where the clock was set back the wait is no longer for it.
        return math.min(wait, longest)
    end
    if asked == 'LOOK' then
        return 0
    end
end
if asked == 'UNDO' then
    failed = math.max(failed - 1, 0)
    if failed < free then
        waitUntil = 0
    end
else
    failed = failed + 1
    if failed >= free then
        -- The exponent is bounded, so that the power stays a number.
        waitUntil = now + math.min(longest, 1000 * 2 ^ math.min(failed - free, 30))
    end
end
redis.call('HSET', KEYS[1], 'failed', failed, 'until', waitUntil)
redis.call('PEXPIRE', KEYS[1], tonumber(ARGV[4]))
return 0
