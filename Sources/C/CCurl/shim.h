/* The checks of argument types are made of macros that only calls with a literal option can use. */
#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>

/* curl_easy_setopt and curl_easy_getinfo take arguments of any kind, which Swift cannot call: one function for each kind
 * that is used. */

typedef size_t (*shim_curl_write) (char *bytes, size_t size, size_t count, void *context);

static inline CURLcode
shim_curl_set_long (CURL *curl, CURLoption option, long value)
{
   return curl_easy_setopt (curl, option, value);
}

/* The text is copied, but for CURLOPT_POSTFIELDS, which has to stay until the transfer is done. */
static inline CURLcode
shim_curl_set_text (CURL *curl, CURLoption option, const char *value)
{
   return curl_easy_setopt (curl, option, value);
}

static inline CURLcode
shim_curl_set_list (CURL *curl, CURLoption option, struct curl_slist *value)
{
   return curl_easy_setopt (curl, option, value);
}

static inline CURLcode
shim_curl_set_write (CURL *curl, shim_curl_write function, void *context)
{
   CURLcode code = curl_easy_setopt (curl, CURLOPT_WRITEFUNCTION, function);
   return code != CURLE_OK ? code : curl_easy_setopt (curl, CURLOPT_WRITEDATA, context);
}

static inline CURLcode
shim_curl_status (CURL *curl, long *status)
{
   return curl_easy_getinfo (curl, CURLINFO_RESPONSE_CODE, status);
}

static inline CURLcode
shim_curl_socket (CURL *curl, curl_socket_t *socket)
{
   return curl_easy_getinfo (curl, CURLINFO_ACTIVESOCKET, socket);
}
