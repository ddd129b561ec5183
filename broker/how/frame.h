#ifndef SK_HOW_FRAME_H
#define SK_HOW_FRAME_H

#include <stdbool.h>
#include <stdint.h>

#include "kit/buf.h"
#include "kit/err.h"
#include "kit/slice.h"

/*
 * What a link and its runner say to each other over a pair of sockets: frames of u32 length of the rest, u8 kind, u64
 * ticket, and what the kind says; numbers little-endian, texts and lists with a u32 before them.
 */

#define SK_FRAME_MAX (1u << 20)                /**< bytes of one, its length not counted */
#define SK_FRAME_BYTES_MAX (SK_FRAME_MAX + 4u) /**< with its length: a buffer of more would hold what nobody reads */
#define SK_FRAME_WORDS_MAX 256u                /**< of a list */
#define SK_RUN_OUTPUT_MAX (256u * 1024u)
#define SK_RUN_TEXT_MAX 4096u

typedef enum sk_frame_kind {
        SK_FRAME_RUN = 1, /**< to the runner: sk_run */
        SK_FRAME_STOP,    /**< to the runner: kill it and say no more */
        SK_FRAME_STARTED, /**< from it: i32 its process group */
        SK_FRAME_ENDED,   /**< from it: sk_run_end */
} sk_frame_kind;

/** A program to be run; lists are of C texts, as many as counted. */
typedef struct sk_run {
        uint64_t ticket;
        uint32_t timeout_ms;
        uint32_t cpu_s;
        uint32_t memory_mib;
        uint32_t processes;
        uint32_t files;
        uint32_t scratch_mib;
        bool has_network;
        bool is_reduced;                    /**< run it although the host cannot enforce everything */
        sk_slice program;                   /**< whole path */
        sk_slice directory;                 /**< of it: what it may read */
        sk_slice words[SK_FRAME_WORDS_MAX]; /**< its arguments, its own name first */
        uint32_t word_count;
        sk_slice variables[SK_FRAME_WORDS_MAX]; /**< NAME=value */
        uint32_t variable_count;
        sk_slice read[SK_FRAME_WORDS_MAX];
        uint32_t read_count;
        sk_slice input;
} sk_run;

typedef enum sk_run_how {
        SK_RUN_EXITED,      /**< number: the status */
        SK_RUN_KILLED,      /**< number: the signal */
        SK_RUN_TIMEOUT,     /**< killed because its time was over */
        SK_RUN_OUTPUT,      /**< killed because it has put out too much */
        SK_RUN_PROCESSES,   /**< killed because it had too many processes */
        SK_RUN_SCRATCH,     /**< killed because it has filled its folder */
        SK_RUN_NOT_STARTED, /**< number: errno; text: what failed */
        SK_RUN_REFUSED,     /**< the sandbox is not whole; text: what lacks */
        SK_RUN_HOWS,
} sk_run_how;

/** How it has ended. */
typedef struct sk_run_end {
        uint64_t ticket;
        sk_run_how how;
        int32_t number;
        sk_slice output;
        sk_slice text; /**< the end of its standard error, or what failed */
} sk_run_end;

/** Appends a whole frame. */
void sk_frame_put_run(sk_buf *out, const sk_run *run);
/** Appends a frame with a ticket and nothing, or of SK_FRAME_STARTED a number. */
void sk_frame_put(sk_buf *out, sk_frame_kind kind, uint64_t ticket, int32_t number);
/** Appends a whole frame; what is too long is cut. */
void sk_frame_put_end(sk_buf *out, const sk_run_end *end);

/** One frame taken apart; slices borrow. */
typedef struct sk_frame_read {
        sk_frame_kind kind;
        uint64_t ticket;
        int32_t number; /**< SK_FRAME_STARTED */
        sk_run run;     /**< SK_FRAME_RUN */
        sk_run_end end; /**< SK_FRAME_ENDED */
} sk_frame_read;

/**
 * Takes the first frame of @p bytes apart.
 *
 * @param out_len  how many bytes it has; 0: it is not whole yet
 * @return SK_OK; SK_ERR_SYNTAX, SK_ERR_RANGE or SK_ERR_TRUNCATED: this is no frame, and nothing behind it can be read
 */
sk_err sk_frame_take(sk_slice bytes, sk_frame_read *out, size_t *out_len);

/** Called for a frame, borrowed for the call; false: those behind it are left alone. */
typedef bool sk_frame_visit(void *self, const sk_frame_read *frame);
/**
 * Takes the whole frames that the buffer begins with out of it, in order. On one thread of a process only.
 *
 * @return false: what came is no frame, or the visitor has ended it
 */
bool sk_frames_take(sk_buf *in, sk_frame_visit *visit, void *self);

#endif
