#include "CMongoShim.h"

static bool
view (shim_bytes from, bson_t *document)
{
   return from.bytes && bson_init_static (document, from.bytes, from.length);
}

static bool
view_or_fail (shim_bytes from, bson_t *document, bson_error_t *error)
{
   if (view (from, document)) {
      return true;
   }
   bson_set_error (error, MONGOC_ERROR_BSON, MONGOC_ERROR_BSON_INVALID, "not a BSON document");
   return false;
}

/* libmongoc initialises the replies that it is given whether or not the call succeeds. */
static void
hand_over (bson_t *from, shim_reply *reply)
{
   reply->bytes = bson_destroy_with_steal (from, true, &reply->length);
}

bool
shim_command (mongoc_client_t *client, const char *database, shim_bytes command, shim_reply *reply, bson_error_t *error)
{
   bson_t command_document;
   bson_t reply_document;
   bool succeeded;

   reply->bytes = NULL;
   reply->length = 0;
   if (!view_or_fail (command, &command_document, error)) {
      return false;
   }
   succeeded =
      mongoc_client_command_with_opts (client, database, &command_document, NULL, NULL, &reply_document, error);
   hand_over (&reply_document, reply);
   return succeeded;
}

mongoc_cursor_t *
shim_find (mongoc_collection_t *collection, shim_bytes filter, shim_bytes options)
{
   bson_t filter_document;
   bson_t options_document;

   if (!view (filter, &filter_document) || !view (options, &options_document)) {
      return NULL;
   }
   return mongoc_collection_find_with_opts (collection, &filter_document, &options_document, NULL);
}

static void
lend (const bson_t *document, shim_bytes *to)
{
   to->bytes = document ? bson_get_data (document) : NULL;
   to->length = document ? document->len : 0;
}

bool
shim_cursor_next (mongoc_cursor_t *cursor, shim_bytes *document)
{
   const bson_t *current;

   if (!mongoc_cursor_next (cursor, &current)) {
      return false;
   }
   lend (current, document);
   return true;
}

bool
shim_cursor_error (mongoc_cursor_t *cursor, bson_error_t *error, shim_bytes *reply)
{
   const bson_t *reply_document = NULL;

   if (!mongoc_cursor_error_document (cursor, error, &reply_document)) {
      return false;
   }
   lend (reply_document, reply);
   return true;
}

mongoc_bulk_operation_t *
shim_bulk_new (mongoc_collection_t *collection, shim_bytes options)
{
   bson_t options_document;

   if (!view (options, &options_document)) {
      return NULL;
   }
   return mongoc_collection_create_bulk_operation_with_opts (collection, &options_document);
}

bool
shim_bulk_insert (mongoc_bulk_operation_t *bulk, shim_bytes documents, bson_error_t *error)
{
   size_t offset = 0;

   while (offset < documents.length) {
      shim_bytes rest = {documents.bytes + offset, documents.length - offset};
      uint32_t length = 0;
      bson_t document;

      if (rest.length >= sizeof length) {
         memcpy (&length, rest.bytes, sizeof length);
         length = BSON_UINT32_FROM_LE (length);
      }
      if (length <= rest.length) {
         rest.length = length;
      }
      if (!view_or_fail (rest, &document, error) ||
          !mongoc_bulk_operation_insert_with_opts (bulk, &document, NULL, error)) {
         return false;
      }
      offset += rest.length;
   }
   return true;
}

bool
shim_bulk_update_one (
   mongoc_bulk_operation_t *bulk, shim_bytes filter, shim_bytes update, shim_bytes options, bson_error_t *error)
{
   bson_t filter_document;
   bson_t update_document;
   bson_t options_document;

   return view_or_fail (filter, &filter_document, error) && view_or_fail (update, &update_document, error) &&
          view_or_fail (options, &options_document, error) &&
          mongoc_bulk_operation_update_one_with_opts (
             bulk, &filter_document, &update_document, &options_document, error);
}

bool
shim_bulk_delete_one (mongoc_bulk_operation_t *bulk, shim_bytes filter, bson_error_t *error)
{
   bson_t filter_document;

   return view_or_fail (filter, &filter_document, error) &&
          mongoc_bulk_operation_remove_one_with_opts (bulk, &filter_document, NULL, error);
}

bool
shim_bulk_execute (mongoc_bulk_operation_t *bulk, shim_reply *reply, bson_error_t *error)
{
   bson_t reply_document;
   bool succeeded = mongoc_bulk_operation_execute (bulk, &reply_document, error) != 0;

   hand_over (&reply_document, reply);
   return succeeded;
}

bool
shim_session_id (const mongoc_client_session_t *session, int64_t *id, bson_error_t *error)
{
   bson_t options = BSON_INITIALIZER;
   bson_iter_t field;
   bool found = mongoc_client_session_append (session, &options, error) &&
                bson_iter_init_find (&field, &options, "sessionId");

   if (found) {
      *id = bson_iter_as_int64 (&field);
   }
   bson_destroy (&options);
   return found;
}

bool
shim_session_commit (mongoc_client_session_t *session, shim_reply *reply, bson_error_t *error)
{
   bson_t reply_document;
   bool succeeded = mongoc_client_session_commit_transaction (session, &reply_document, error);

   hand_over (&reply_document, reply);
   return succeeded;
}
