#!lua flags=allow-oom
-- Reads what a claimed room has to store: what an earlier claim read and did not finish, then what is new.
--
-- KEYS  1 lock   2 log   3 tries
-- ARGV  1 token of the claim   2 group   3 consumer   4 how many entries at the most
-- Reply {entries in order of the log, positions and tries of those that failed before, 1 where the only entry is one that
--       three claims took and did not finish, else 0}, or nil where the lock is not the caller's (any more): nothing is
--       read then
--
-- Atomic because a worker that was stopped past its lease must not take new entries from under the next one, which
-- would then store later ones without having seen them. It goes on without memory left: storing is what frees it.

if redis.call('GET', KEYS[1]) ~= ARGV[1] then
    return false
end

local function read(count, from)
    local reply = redis.call('XREADGROUP', 'GROUP', ARGV[2], ARGV[3], 'COUNT', count, 'STREAMS', KEYS[2], from)
    return reply and reply[1] and reply[1][2] or {}
end

local count = tonumber(ARGV[4])
local entries = {}
local tries = {}
local pending = read(count, '0')
for _, entry in ipairs(pending) do
    if entry[2] then
        entries[#entries + 1] = entry
    else
        -- Trimmed while it was pending, so it has been saved.
        redis.call('XACK', KEYS[2], ARGV[2], entry[1])
    end
end
if #entries > 0 then
    -- Reading counts each delivery, and an orderly finish sets the count back: more than three, this one among them, means
    -- that claims ended without one. The first entry may be the reason, so it comes alone.
    local first = redis.call('XPENDING', KEYS[2], ARGV[2], entries[1][1], entries[1][1], 1)[1]
    tries = redis.call('HGETALL', KEYS[3])
    if first and first[4] > 3 then
        return {{entries[1]}, tries, 1}
    end
end
-- Where more may be pending than one reading takes, what is new is not next in order yet.
if #pending < count then
    for _, entry in ipairs(read(count - #pending, '>')) do
        entries[#entries + 1] = entry
    end
end
return {entries, tries, 0}
