#define _GNU_SOURCE
#include "CEPoll.h"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>

int
cepoll_create (void)
{
   return epoll_create1 (EPOLL_CLOEXEC);
}

static int
control (int operation, int poller, int socket, uint32_t token, int write)
{
   struct epoll_event event = {.events = EPOLLIN | (write ? EPOLLOUT : 0), .data.u32 = token};
   return epoll_ctl (poller, operation, socket, &event);
}

int
cepoll_add (int poller, int socket, uint32_t token, int write)
{
   return control (EPOLL_CTL_ADD, poller, socket, token, write);
}

int
cepoll_change (int poller, int socket, uint32_t token, int write)
{
   return control (EPOLL_CTL_MOD, poller, socket, token, write);
}

int
cepoll_wait (int poller, cepoll_ready *ready, int count, uint64_t nanoseconds)
{
   struct epoll_event events[512];
   struct timespec limit = {.tv_sec = nanoseconds / 1000000000, .tv_nsec = nanoseconds % 1000000000};
   int found = epoll_pwait2 (poller, events, count < 512 ? count : 512, &limit, NULL);
   for (int index = 0; index < found; index++) {
      uint32_t flags = events[index].events;
      int failed = (flags & (EPOLLERR | EPOLLHUP)) != 0;
      ready[index].token = events[index].data.u32;
      ready[index].can_read = failed || (flags & EPOLLIN) != 0;
      ready[index].can_write = failed || (flags & EPOLLOUT) != 0;
   }
   return found;
}

int
cepoll_accept (int listener)
{
   return accept4 (listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
}
