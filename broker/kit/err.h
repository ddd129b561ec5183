#ifndef SK_KIT_ERR_H
#define SK_KIT_ERR_H

/*
 * Errors: one table gives each its code, its name for machines, its text for people and its class.
 * The class decides what happens next; nobody switches on codes far from where they arise.
 */

/** What a caller does about an error. */
typedef enum sk_err_class {
        SK_CLASS_NONE,  /**< not an error */
        SK_CLASS_RETRY, /**< the same again may succeed */
        SK_CLASS_ABORT, /**< the transaction is over; the same bytes may be tried in a new one */
        SK_CLASS_INPUT, /**< what came in is wrong and stays wrong */
        SK_CLASS_FATAL, /**< this process cannot go on */
} sk_err_class;

#define SK_ERR_TABLE(X)                                                                               \
        X(SK_OK, "ok", NONE, "no error")                                                              \
        X(SK_ERR_NO_MEMORY, "no-memory", RETRY, "out of memory")                                      \
        X(SK_ERR_FULL, "full", RETRY, "a bound is reached")                                           \
        X(SK_ERR_BUSY, "busy", RETRY, "held by somebody else for now")                                \
        X(SK_ERR_ABORTED, "aborted", ABORT, "the transaction was aborted")                            \
        X(SK_ERR_UNKNOWN_OUTCOME, "unknown-outcome", RETRY, "the outcome of the commit is not known") \
        X(SK_ERR_FENCED, "fenced", FATAL, "another instance has taken over")                          \
        X(SK_ERR_LOST, "lost", FATAL, "the transaction is lost, and all that it came from")           \
        X(SK_ERR_SYNTAX, "syntax", INPUT, "not well-formed")                                          \
        X(SK_ERR_DEPTH, "depth", INPUT, "nested too deeply")                                          \
        X(SK_ERR_SIZE, "size", INPUT, "larger than allowed")                                          \
        X(SK_ERR_UTF8, "utf8", INPUT, "not valid UTF-8")                                              \
        X(SK_ERR_DUPLICATE, "duplicate", INPUT, "given twice")                                        \
        X(SK_ERR_TYPE, "type", INPUT, "of the wrong type")                                            \
        X(SK_ERR_MISSING, "missing", INPUT, "required and not there")                                 \
        X(SK_ERR_RANGE, "range", INPUT, "outside what is allowed")                                    \
        X(SK_ERR_VERSION, "version", INPUT, "of a version that this program does not read")           \
        X(SK_ERR_CHECKSUM, "checksum", INPUT, "damaged: the checksum does not match")                 \
        X(SK_ERR_TRUNCATED, "truncated", INPUT, "ends too early")                                     \
        X(SK_ERR_NOT_FOUND, "not-found", INPUT, "not there")                                          \
        X(SK_ERR_CONFLICT, "conflict", INPUT, "in conflict with what is there")                       \
        X(SK_ERR_CONFIG, "config", FATAL, "the configuration has errors")                             \
        X(SK_ERR_IO, "io", FATAL, "the operating system refused")

typedef enum sk_err {
#define SK_ERR_ENUM(code, name, class, text) code,
        SK_ERR_TABLE(SK_ERR_ENUM)
#undef SK_ERR_ENUM
} sk_err;

/** The error's name as machines read it, such as "no-memory"; static storage. */
const char *sk_err_name(sk_err err);

/** The error in words; static storage. */
const char *sk_err_text(sk_err err);

/** What to do about the error. */
sk_err_class sk_err_class_of(sk_err err);

#endif
