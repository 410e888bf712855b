#pragma once
#include <pthread.h>
#include <sched.h>

// Both are GNU extensions of the C library, which the module that Swift ships for it leaves out.
extern int pthread_setname_np(pthread_t thread, const char *name);
extern int sched_getaffinity(pid_t process, size_t size, cpu_set_t *mask);
