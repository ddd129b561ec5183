#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "how/frame.h"

/*
 * What a runner or its link reads: frames, one behind the other. What can be read must be written again to the same
 * bytes, and must not lie outside of what came.
 */

#define BYTES_MAX ((size_t)2 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void write_again(const sk_frame_read *frame, sk_buf *out) {
        switch (frame->kind) {
        case SK_FRAME_RUN:
                sk_frame_put_run(out, &frame->run);
                return;
        case SK_FRAME_ENDED:
                sk_frame_put_end(out, &frame->end);
                return;
        case SK_FRAME_STOP:
        case SK_FRAME_STARTED:
                sk_frame_put(out, frame->kind, frame->ticket, frame->number);
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        static sk_frame_read frame;
        sk_slice rest = {(const char *)data, size};
        size_t len = 0;

        while (sk_frame_take(rest, &frame, &len) == SK_OK && len > 0) {
                sk_buf again = sk_buf_make(BYTES_MAX);

                assert(len <= rest.len);
                write_again(&frame, &again);
                assert(again.err == SK_OK && sk_slice_equal(sk_buf_slice(&again), (sk_slice){rest.at, len}));
                sk_buf_free(&again);
                rest.at += len;
                rest.len -= len;
        }
        return 0;
}
