#include "how/frame.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

#include "kit/cursor.h"

#define HEAD 4u

enum { FLAG_NETWORK = 1, FLAG_REDUCED = 2, FLAGS = 4 };

static void put_text(sk_buf *out, sk_slice text) {
        assert(text.len <= SK_FRAME_MAX);
        sk_buf_add_u32(out, (uint32_t)text.len);
        sk_buf_add_slice(out, text);
}

static void put_list(sk_buf *out, const sk_slice *texts, uint32_t count) {
        assert(count <= SK_FRAME_WORDS_MAX);
        sk_buf_add_u32(out, count);
        for (uint32_t i = 0; i < count; i++)
                put_text(out, texts[i]);
}

static size_t begin(sk_buf *out, sk_frame_kind kind, uint64_t ticket) {
        size_t at = out->len;

        sk_buf_add_u32(out, 0);
        sk_buf_add_byte(out, (uint8_t)kind);
        sk_buf_add_u64(out, ticket);
        return at;
}

static void end(sk_buf *out, size_t at) {
        if (out->err != SK_OK)
                return;
        size_t len = out->len - at - HEAD;
        for (unsigned i = 0; i < HEAD; i++)
                out->at[at + i] = (char)(uint8_t)(len >> (8 * i));
}

void sk_frame_put(sk_buf *out, sk_frame_kind kind, uint64_t ticket, int32_t number) {
        size_t at = begin(out, kind, ticket);

        assert(kind == SK_FRAME_STOP || kind == SK_FRAME_STARTED);
        if (kind == SK_FRAME_STARTED)
                sk_buf_add_u32(out, (uint32_t)number);
        end(out, at);
}

void sk_frame_put_run(sk_buf *out, const sk_run *run) {
        const uint32_t numbers[] = {run->timeout_ms, run->cpu_s, run->memory_mib,
                                    run->processes,  run->files, run->scratch_mib};
        size_t at = begin(out, SK_FRAME_RUN, run->ticket);

        for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++)
                sk_buf_add_u32(out, numbers[i]);
        sk_buf_add_byte(out, (uint8_t)((run->has_network ? FLAG_NETWORK : 0) | (run->is_reduced ? FLAG_REDUCED : 0)));
        put_text(out, run->program);
        put_text(out, run->directory);
        put_list(out, run->words, run->word_count);
        put_list(out, run->variables, run->variable_count);
        put_list(out, run->read, run->read_count);
        put_text(out, run->input);
        end(out, at);
}

static sk_slice cut(sk_slice text, size_t most) {
        return text.len <= most ? text : (sk_slice){text.at, most};
}

void sk_frame_put_end(sk_buf *out, const sk_run_end *ended) {
        size_t at = begin(out, SK_FRAME_ENDED, ended->ticket);

        assert(ended->how < SK_RUN_HOWS);
        sk_buf_add_byte(out, (uint8_t)ended->how);
        sk_buf_add_u32(out, (uint32_t)ended->number);
        put_text(out, cut(ended->output, SK_RUN_OUTPUT_MAX));
        put_text(out, cut(ended->text, SK_RUN_TEXT_MAX));
        end(out, at);
}

/* ---- reading ---- */

static sk_slice get_text(sk_cursor *cursor) {
        return sk_cursor_bytes(cursor, sk_cursor_u32(cursor));
}

/* Texts that become C texts hold no zero. */
static sk_slice get_word(sk_cursor *cursor) {
        sk_slice text = get_text(cursor);

        if (text.len > 0 && memchr(text.at, '\0', text.len) != NULL && cursor->err == SK_OK)
                cursor->err = SK_ERR_SYNTAX;
        return text;
}

static uint32_t get_list(sk_cursor *cursor, sk_slice *out) {
        uint32_t count = sk_cursor_u32(cursor);

        if (count > SK_FRAME_WORDS_MAX && cursor->err == SK_OK)
                cursor->err = SK_ERR_RANGE;
        for (uint32_t i = 0; i < count && cursor->err == SK_OK; i++)
                out[i] = get_word(cursor);
        return cursor->err == SK_OK ? count : 0;
}

static void get_run(sk_cursor *cursor, sk_run *run) {
        uint32_t *const numbers[] = {&run->timeout_ms, &run->cpu_s, &run->memory_mib,
                                     &run->processes,  &run->files, &run->scratch_mib};

        for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++)
                *numbers[i] = sk_cursor_u32(cursor);
        unsigned flags = sk_cursor_u8(cursor);
        if (flags >= FLAGS && cursor->err == SK_OK)
                cursor->err = SK_ERR_RANGE;
        run->has_network = (flags & FLAG_NETWORK) != 0;
        run->is_reduced = (flags & FLAG_REDUCED) != 0;
        run->program = get_word(cursor);
        run->directory = get_word(cursor);
        run->word_count = get_list(cursor, run->words);
        run->variable_count = get_list(cursor, run->variables);
        run->read_count = get_list(cursor, run->read);
        run->input = get_text(cursor);
        if (cursor->err == SK_OK && (run->word_count == 0 || run->program.len == 0))
                cursor->err = SK_ERR_RANGE;
}

static void get_end(sk_cursor *cursor, sk_run_end *out) {
        unsigned how = sk_cursor_u8(cursor);

        if (how >= SK_RUN_HOWS && cursor->err == SK_OK)
                cursor->err = SK_ERR_RANGE;
        out->how = (sk_run_how)how;
        out->number = (int32_t)sk_cursor_u32(cursor);
        out->output = get_text(cursor);
        out->text = get_text(cursor);
        if (cursor->err == SK_OK && (out->output.len > SK_RUN_OUTPUT_MAX || out->text.len > SK_RUN_TEXT_MAX))
                cursor->err = SK_ERR_RANGE;
}

static void get_kind(sk_cursor *cursor, sk_frame_read *out) {
        switch (out->kind) {
        case SK_FRAME_RUN:
                get_run(cursor, &out->run);
                out->run.ticket = out->ticket;
                return;
        case SK_FRAME_STOP:
                return;
        case SK_FRAME_STARTED:
                out->number = (int32_t)sk_cursor_u32(cursor);
                return;
        case SK_FRAME_ENDED:
                get_end(cursor, &out->end);
                out->end.ticket = out->ticket;
                return;
        }
        cursor->err = SK_ERR_RANGE;
}

sk_err sk_frame_take(sk_slice bytes, sk_frame_read *out, size_t *out_len) {
        sk_cursor cursor = sk_cursor_make(bytes);

        *out_len = 0;
        if (bytes.len < HEAD)
                return SK_OK;
        uint32_t len = sk_cursor_u32(&cursor);
        if (len > SK_FRAME_MAX)
                return SK_ERR_RANGE;
        if (bytes.len - HEAD < len)
                return SK_OK;
        cursor = sk_cursor_make((sk_slice){bytes.at + HEAD, len});
        memset(out, 0, offsetof(sk_frame_read, run.words));
        out->kind = (sk_frame_kind)sk_cursor_u8(&cursor);
        out->ticket = sk_cursor_u64(&cursor);
        if (cursor.err == SK_OK)
                get_kind(&cursor, out);
        if (cursor.err != SK_OK)
                return cursor.err;
        if (sk_cursor_left(&cursor) > 0)
                return SK_ERR_SYNTAX;
        *out_len = HEAD + len;
        return SK_OK;
}

bool sk_frames_take(sk_buf *in, sk_frame_visit *visit, void *self) {
        static sk_frame_read frame; /* too large for a stack */
        bool goes_on = true;
        size_t at = 0;
        size_t len = 0;

        do {
                if (sk_frame_take((sk_slice){in->at + at, in->len - at}, &frame, &len) != SK_OK)
                        return false;
                goes_on = len == 0 || visit(self, &frame);
                at += len;
        } while (len > 0 && goes_on);
        memmove(in->at, in->at + at, in->len - at);
        in->len -= at;
        return goes_on;
}
