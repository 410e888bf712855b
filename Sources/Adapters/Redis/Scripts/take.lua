#!lua flags=allow-oom
-- Reads what a claimed room has to store: what an earlier claim read and did not finish, then what is new.
--
-- KEYS  1 lock   2 log
-- ARGV  1 token of the claim   2 group   3 consumer   4 how many entries at the most
-- Reply the entries in order of the log, or nil where the lock is not the caller's (any more): nothing is read then
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
local pending = read(count, '0')
for _, entry in ipairs(pending) do
    if entry[2] then
        entries[#entries + 1] = entry
    else
        -- Trimmed while it was pending, so it has been saved.
        redis.call('XACK', KEYS[2], ARGV[2], entry[1])
    end
end
-- Where more may be pending than one reading takes, what is new is not next in order yet.
if #pending < count then
    for _, entry in ipairs(read(count - #pending, '>')) do
        entries[#entries + 1] = entry
    end
end
return entries
