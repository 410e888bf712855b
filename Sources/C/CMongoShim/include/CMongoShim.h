#ifndef CMONGO_SHIM_H
#define CMONGO_SHIM_H

#include <mongoc/mongoc.h>

/* libmongoc speaks in bson_t, which is aligned to 128 bytes: Swift sees only pointers to it and cannot make one. These
 * calls take documents as the bytes that they are and give them back the same way; nothing else happens here. */

/* A document (or several in a row) in the caller's memory, borrowed for the length of the call. */
typedef struct {
   const uint8_t *bytes;
   size_t length;
} shim_bytes;

/* A document that the caller takes over; it is given back with bson_free. */
typedef struct {
   uint8_t *bytes;
   uint32_t length;
} shim_reply;

bool
shim_command (mongoc_client_t *client, const char *database, shim_bytes command, shim_reply *reply, bson_error_t *error);

/* NULL where filter or options are not documents. */
mongoc_cursor_t *
shim_find (mongoc_collection_t *collection, shim_bytes filter, shim_bytes options);

/* The document stays valid until the next call with the same cursor. */
bool
shim_cursor_next (mongoc_cursor_t *cursor, shim_bytes *document);

/* Whether the cursor failed; reply is then what the server said, empty where it said nothing. */
bool
shim_cursor_error (mongoc_cursor_t *cursor, bson_error_t *error, shim_bytes *reply);

/* NULL where the options are not a document. */
mongoc_bulk_operation_t *
shim_bulk_new (mongoc_collection_t *collection, shim_bytes options);

/* Adds each of the documents that follow one another in documents. */
bool
shim_bulk_insert (mongoc_bulk_operation_t *bulk, shim_bytes documents, bson_error_t *error);

bool
shim_bulk_update_one (
   mongoc_bulk_operation_t *bulk, shim_bytes filter, shim_bytes update, shim_bytes options, bson_error_t *error);

bool
shim_bulk_delete_one (mongoc_bulk_operation_t *bulk, shim_bytes filter, bson_error_t *error);

bool
shim_bulk_execute (mongoc_bulk_operation_t *bulk, shim_reply *reply, bson_error_t *error);

/* The number that stands for the session in the options of calls on its client. */
bool
shim_session_id (const mongoc_client_session_t *session, int64_t *id, bson_error_t *error);

bool
shim_session_commit (mongoc_client_session_t *session, shim_reply *reply, bson_error_t *error);

#endif
