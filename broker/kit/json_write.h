#ifndef SK_KIT_JSON_WRITE_H
#define SK_KIT_JSON_WRITE_H

#include <stdbool.h>
#include <stdint.h>

#include "kit/buf.h"
#include "kit/id.h"
#include "kit/slice.h"

/**
 * JSON written straight to a buffer. Commas are put in by themselves. Errors stick in the buffer.
 * Names are trusted literals; texts are escaped; not more than 32 levels (asserted).
 */
typedef struct sk_json_writer {
        sk_buf *buf;
        uint32_t levels;    /**< open objects and arrays */
        uint32_t has_items; /**< a bit per level: something stands there already */
} sk_json_writer;

/** A writer that appends to the buffer. */
sk_json_writer sk_json_writer_make(sk_buf *buf);
/* @p name is NULL inside an array and at the top. */
void sk_json_open_object(sk_json_writer *writer, const char *name);
/** Ends the object opened last. */
void sk_json_close_object(sk_json_writer *writer);
/** Opens an array; name NULL within an array or at the top. */
void sk_json_open_array(sk_json_writer *writer, const char *name);
/** Ends the array opened last. */
void sk_json_close_array(sk_json_writer *writer);
/** Invalid UTF-8 is replaced by U+FFFD. */
void sk_json_put_text(sk_json_writer *writer, const char *name, sk_slice text);
/** Text from C text. */
void sk_json_put_cstr(sk_json_writer *writer, const char *name, const char *text);
/** Writes nothing if @p text is SK_NONE or empty. */
void sk_json_put_optional(sk_json_writer *writer, const char *name, sk_slice text);
/** A whole number. */
void sk_json_put_int(sk_json_writer *writer, const char *name, int64_t number);
/** A number, as short as it reads back the same; null if it is not finite. */
void sk_json_put_double(sk_json_writer *writer, const char *name, double number);
/** true or false. */
void sk_json_put_bool(sk_json_writer *writer, const char *name, bool value);
/** null. */
void sk_json_put_null(sk_json_writer *writer, const char *name);
/** An id as text. */
void sk_json_put_id(sk_json_writer *writer, const char *name, const sk_id *id);
/** RFC 3339 in UTC with microseconds. */
void sk_json_put_time(sk_json_writer *writer, const char *name, int64_t time_us);
/** JSON that has been checked already, as it is. */
void sk_json_put_raw(sk_json_writer *writer, const char *name, sk_slice json);

#endif
