#!lua flags=allow-oom
-- Reads what a claimed room has to store: what an earlier claim read and did not finish, then what is new.
--
-- KEYS  1 lock   2 log   3 tries   4 state
-- ARGV  1 token of the claim   2 group   3 consumer   4 how many entries at the most
-- Reply {entries in order of the log, positions and tries of those that failed before, 1 where the first entry is one that
--       three claims took and did not finish, else 0}, or nil where the lock is not the caller's (any more): nothing is
--       read then
--
-- Atomic because a worker that was stopped past its lease must not take new entries from under the next one, which
-- would then store later ones without having seen them. It goes on without memory left: storing is what frees it.
--
-- Such an entry may have been the end of those claims, so it comes alone, and what is not taken does not count as
-- delivered. Those behind it are suspects as well: of them twice as many come together after each such claim that ended
-- in good order, so that a backlog that nobody dies of is soon through. The mark `careful` beside the tries says how many
-- come next; finish.lua moves it.

if redis.call('GET', KEYS[1]) ~= ARGV[1] then
    return false
end

local function oldestPending()
    return redis.pcall('XPENDING', KEYS[2], ARGV[2], '-', '+', 1, ARGV[3])
end

local function read(from, limit)
    local reply = redis.call('XREADGROUP', 'GROUP', ARGV[2], ARGV[3], 'COUNT', limit, 'STREAMS', KEYS[2], from)
    return reply and reply[1] and reply[1][2] or {}
end

local pending = oldestPending()
local saved = pending.err and string.find(pending.err, 'NOGROUP', 1, true) and redis.call('HGET', KEYS[4], 'saved')
if saved then
    -- Somebody took the group away, or the log. What is stored ends at the saved position: there it begins again.
    redis.call('XGROUP', 'CREATE', KEYS[2], ARGV[2], saved, 'MKSTREAM')
    pending = oldestPending()
end
if pending.err then
    return pending
end

local count = tonumber(ARGV[4])
local entries = {}
local tries = {}
local left = count
while pending[1] and #entries == 0 do
    -- Reading counts each delivery, and an orderly finish sets the count back.
    local isSuspect = pending[1][4] >= 3
    tries = redis.call('HGETALL', KEYS[3])
    if isSuspect then
        left = math.min(tonumber(redis.call('HGET', KEYS[3], 'careful') or 1), count)
        redis.call('HSET', KEYS[3], 'careful', 1)
    end
    for _, entry in ipairs(read('0', left)) do
        left = left - 1
        if entry[2] then
            entries[#entries + 1] = entry
        else
            -- Trimmed while it was pending, so it has been saved.
            redis.call('XACK', KEYS[2], ARGV[2], entry[1])
        end
    end
    if isSuspect and #entries > 0 then
        return {entries, tries, 1}
    elseif #entries == 0 then
        left = count
        pending = oldestPending()
    end
end
-- Where more may be pending than one reading takes, what is new is not next in order yet.
if left > 0 then
    for _, entry in ipairs(read('>', left)) do
        entries[#entries + 1] = entry
    end
end
return {entries, tries, 0}
