#ifndef CEPOLL_H
#define CEPOLL_H

#include <stddef.h>
#include <stdint.h>

/* epoll(7) without its structures, which Swift's Glibc module leaves out, and two calls that glibc declares for
 * _GNU_SOURCE only. */

typedef struct {
   uint32_t token;
   uint8_t can_read;
   uint8_t can_write;
} cepoll_ready;

/* A descriptor, or -1 with errno. */
int
cepoll_create (void);

/* Waits for a socket to have input, and where write is not 0 for it to take output, too. */
int
cepoll_add (int poller, int socket, uint32_t token, int write);

int
cepoll_change (int poller, int socket, uint32_t token, int write);

/* How many of ready were filled in, after at most so many nanoseconds; at most 512. */
int
cepoll_wait (int poller, cepoll_ready *ready, int count, uint64_t nanoseconds);

/* accept4(2) with SOCK_NONBLOCK and SOCK_CLOEXEC. */
int
cepoll_accept (int listener);

void *
memmem (const void *haystack, size_t haystack_length, const void *needle, size_t needle_length);

#endif
