// epoll(7), and calls that glibc declares for _GNU_SOURCE only, which Swift's Glibc module is built without.

#include <stddef.h>
#include <sys/epoll.h>

struct sockaddr;
struct timespec;

void *memmem(const void *haystack, size_t haystackLength, const void *needle, size_t needleLength);
int accept4(int socket, struct sockaddr *address, unsigned int *length, int flags);
