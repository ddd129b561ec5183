#ifndef SCHAKEL_SCHAKEL_H
#define SCHAKEL_SCHAKEL_H

#include <stddef.h>
#include <stdint.h>

/*
 * libschakel: a link inside a program of one's own.
 *
 * A link is opened for one team of a chain directory, either on a log that the library knows (the log decides when
 * anything happens: poll it), or on one that the program brings along: then the program reads and writes records, feeds
 * them and carries out commands. Nothing here logs, exits, starts a thread of its own without a log, or asks a clock:
 * times come as arguments, microseconds since the epoch, UTC.
 *
 * One thread at a time uses a link. Everything that is given out is borrowed and good until the next call on the link,
 * where nothing else is said. What begins with `schakel_` is the interface; structs of options grow at their end, and
 * `size` tells which ones the caller knows.
 */

#ifdef __cplusplus
extern "C" {
#endif

#define SCHAKEL_ABI 1
#if defined(__GNUC__)
#define SCHAKEL_API __attribute__((visibility("default")))
#else
#define SCHAKEL_API
#endif

typedef struct schakel_link schakel_link;

typedef enum schakel_status {
        SCHAKEL_OK,
        SCHAKEL_CONFIG,    /**< the chain directory, the team or an option is wrong */
        SCHAKEL_IO,        /**< files or the log cannot be reached */
        SCHAKEL_NO_MEMORY, /**< none is left */
        SCHAKEL_UNKNOWN,   /**< of a commit: nobody knows yet whether it was written */
        SCHAKEL_MISUSE,    /**< the call does not fit: a topic that the link does not read, a log that it has itself */
} schakel_status;

/** Version of the library, "0.1.0"; static. */
SCHAKEL_API const char *schakel_version(void);
/** SCHAKEL_ABI of the library: a program compares it with that of the header it was built with. */
SCHAKEL_API int schakel_abi(void);

/* ---- opening ---- */

/** What happened that people may want to read. @p text is one sentence, and good during the call only. */
typedef void schakel_tell(void *self, const char *text);

typedef struct schakel_options {
        size_t size;           /**< sizeof(schakel_options) */
        const char *chain_dir; /**< chain directory: it must pass `schakel check` */
        const char *team;      /**< whose link it is */
        const char *log;       /**< "local:FILE" or "kafka:HOST:PORT"; NULL: the program's own */
        const char *state_dir; /**< with a log: a folder for the notes of this process alone */
        const char *instance;  /**< on Kafka: name of this process among those of the team; NULL: "embedded" */
        int32_t partitions;    /**< without a log: how many each topic has; 0: 1 */
        schakel_tell *tell;    /**< may be NULL */
        void *self;            /**< for tell */
} schakel_options;

#define SCHAKEL_WHY_MAX 512

/**
 * Opens a link. Blocks for as long as files are read; no broker is asked before the first poll.
 *
 * @param options  copied
 * @param why      gets a sentence when this fails, with what to do; may be NULL
 * @param out      new: close with schakel_close; untouched on failure
 */
SCHAKEL_API schakel_status schakel_open(const schakel_options *options, schakel_link **out, char why[SCHAKEL_WHY_MAX]);
/** Lets go of everything; waits for the commit that is underway. Nothing is lost. NULL is legal. */
SCHAKEL_API void schakel_close(schakel_link *link);

/* ---- running ---- */

/** With a log: a descriptor that is readable when a poll is due at once, good for any poll(2); else -1. */
SCHAKEL_API int schakel_fd(const schakel_link *link);
/**
 * Does what can be done now.
 *
 * @return microseconds until the next poll is wanted if nothing comes in: 0 at once, at most a second
 */
SCHAKEL_API int64_t schakel_poll(schakel_link *link, int64_t now_us);
/** Ends what is underway and takes nothing new; schakel_is_over tells when it is done. */
SCHAKEL_API void schakel_stop(schakel_link *link, int64_t now_us);
/** 1: it has ended; *exit_code (may be NULL) is 0, 70 (do not start again) or 75 (start again), as schakeld(8) says. */
SCHAKEL_API int schakel_is_over(const schakel_link *link, int *exit_code);
/** 1: restored, and answering. */
SCHAKEL_API int schakel_is_ready(const schakel_link *link);
/** Calls that are open. */
SCHAKEL_API uint64_t schakel_open_calls(const schakel_link *link);

/* ---- a log of the program's own ---- */

/** Bytes; `at` is NULL for what is not there. */
typedef struct schakel_bytes {
        const void *at;
        size_t len;
} schakel_bytes;

/**
 * A record as it lies on a topic. Headers are one run of bytes: for each a byte with the length of the name, the name,
 * four bytes with the length of the value (little-endian), the value.
 */
typedef struct schakel_record {
        const char *topic; /**< whole name; ends with NUL */
        int32_t partition;
        int64_t offset;       /**< where it was read */
        int64_t timestamp_us; /**< when it was written, by the log's clock */
        schakel_bytes key;
        schakel_bytes headers;
        schakel_bytes value; /**< not there: a tombstone */
} schakel_record;

/** Value of the first header with that name; not there if there is none. */
SCHAKEL_API schakel_bytes schakel_header(const schakel_record *record, const char *name);

/**
 * Topics that the link reads, beside its journal, which is read to restore only.
 *
 * @return name by index from 0; NULL behind the last; good as long as the link
 */
SCHAKEL_API const char *schakel_inbound(schakel_link *link, size_t index);
/** The journal: compacted, one writer; good as long as the link. */
SCHAKEL_API const char *schakel_journal(schakel_link *link);

/** Partitions @p first to @p first + @p count - 1 are the link's. A SCHAKEL_RESTORE follows for each. */
SCHAKEL_API void schakel_assigned(schakel_link *link, int32_t first, int32_t count, int64_t now_us);
/** A record of the journal, in order, in answer to SCHAKEL_RESTORE; tombstones too. */
SCHAKEL_API schakel_status schakel_restore(schakel_link *link, const schakel_record *record);
/** All of the journal's partition has been given; @p end_offset is behind its last record. */
SCHAKEL_API void schakel_restored(schakel_link *link, int32_t partition, int64_t end_offset, int64_t now_us);
/** A record of an inbound topic, in order, each once, from the position of SCHAKEL_RESUME on; copied. */
SCHAKEL_API schakel_status schakel_feed(schakel_link *link, const schakel_record *record);

typedef enum schakel_command_kind {
        SCHAKEL_RESTORE,   /**< give the journal of `partition`, then schakel_restored */
        SCHAKEL_RESUME,    /**< read each of `count` positions (schakel_position) on, and feed */
        SCHAKEL_REVOKED,   /**< `partition` may go to another process */
        SCHAKEL_COMMIT,    /**< write `count` records (schakel_output), all or none; answer schakel_committed */
        SCHAKEL_RECOMMIT,  /**< how did that commit end? answer schakel_committed */
        SCHAKEL_RESTART,   /**< begin anew with schakel_assigned */
        SCHAKEL_NOTE,      /**< keep the `count` positions (schakel_position) over a crash; answer schakel_noted */
        SCHAKEL_FORGET,    /**< the note is not needed any more */
        SCHAKEL_TELL,      /**< people are to be told: `text` is JSON */
        SCHAKEL_READ_STUB, /**< the last value of `text` in the journal's `partition`; answer schakel_stub */
        SCHAKEL_EXIT,      /**< the link has ended: `number` is the exit code, `text` says why */
} schakel_command_kind;

typedef struct schakel_command {
        schakel_command_kind kind;
        int32_t partition;
        uint64_t number; /**< of the batch; the exit code */
        size_t count;
        schakel_bytes text;
} schakel_command;

/** The next command; 0: there is none. To be asked until then after each input and each poll. */
SCHAKEL_API int schakel_next(schakel_link *link, schakel_command *out);
/** Position by index of the command given out last: offset is where to read on. Key, headers and value are not there. */
SCHAKEL_API schakel_record schakel_position(const schakel_link *link, size_t index);
/** Record by index of the commit given out last, in the order in which they are to be written; good until it is answered. */
SCHAKEL_API schakel_record schakel_output(const schakel_link *link, size_t index);

/** How a commit ended: SCHAKEL_OK; SCHAKEL_IO: nothing was written, it comes again; SCHAKEL_UNKNOWN: SCHAKEL_RECOMMIT
 * follows. */
SCHAKEL_API void schakel_committed(schakel_link *link, uint64_t number, schakel_status status, int64_t now_us);
/** The note is kept. */
SCHAKEL_API void schakel_noted(schakel_link *link, int64_t now_us);
/** What was found for the key; not there: nothing. */
SCHAKEL_API void schakel_stub(schakel_link *link, int32_t partition, schakel_bytes key, schakel_bytes value,
                              int64_t now_us);

/* ---- effects: programs, webhooks and plug-ins of work instructions, which the embedding program carries out ---- */

#define SCHAKEL_KEY_MAX 64

/** One try of an effect. */
typedef struct schakel_effect {
        int is_stop;               /**< end this try, and answer no more */
        char key[SCHAKEL_KEY_MAX]; /**< of the visit, the same for every try: the idempotency key */
        unsigned try_number;       /**< from 1 */
        const char *how;           /**< "exec", "http", "plugin"; static */
        schakel_bytes config;      /**< JSON: the how as its work instruction says it */
        schakel_bytes input;       /**< JSON: what it is given */
        int64_t timeout_us;        /**< of this try, from its start */
} schakel_effect;

typedef enum schakel_effect_result {
        SCHAKEL_EFFECT_DONE,     /**< `value` is the activity's result */
        SCHAKEL_EFFECT_LATER,    /**< its result comes as a record `work.result` */
        SCHAKEL_EFFECT_DECLINED, /**< not to be done */
        SCHAKEL_EFFECT_RETRY,    /**< another try may help */
        SCHAKEL_EFFECT_FAILED,   /**< no other try will help */
} schakel_effect_result;

/** The next to be begun or stopped; 0: none. To be asked after each poll where work instructions have such hows. */
SCHAKEL_API int schakel_next_effect(schakel_link *link, schakel_effect *out);
/**
 * A try has ended, later, never from within schakel_next_effect.
 *
 * @param value  JSON; not there: nothing
 * @param text   for people, any bytes
 * @return SCHAKEL_OK; SCHAKEL_MISUSE if the key is none
 */
SCHAKEL_API schakel_status schakel_effect_ended(schakel_link *link, const char *key, unsigned try_number,
                                                schakel_effect_result result, schakel_bytes value, schakel_bytes text,
                                                int64_t now_us);

#ifdef __cplusplus
}
#endif

#endif
