#include <sys/socket.h>
#include <uv.h>

// A GNU extension of the C library, which the module that Swift ships for it leaves out.
extern int accept4(int socket, struct sockaddr *address, socklen_t *length, int flags);
