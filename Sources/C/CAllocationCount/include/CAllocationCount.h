// Counts allocations of a whole process. Preload the library into it (LD_PRELOAD) and name a file by
// SHOOT_ALLOCATION_COUNTS; the count is the 64-bit number that the file begins with, and grows while the process runs.
