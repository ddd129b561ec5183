/*
 * Frames between a link and its runner. What comes from the other side is believed in nothing: each frame that is none is
 * an error, wherever it is cut off, and never read beyond.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "how/frame.h"

#include <stdlib.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define HEAD 4u
#define NUMBERS 13u /* where the numbers of a run begin: behind length, kind and ticket */
#define FLAGS (NUMBERS + 6 * 4)

static sk_frame_read got;

static sk_run run_of(void) {
        sk_run run = {.ticket = UINT64_C(0x1122334455667788),
                      .timeout_ms = 30000,
                      .cpu_s = 10,
                      .memory_mib = 256,
                      .processes = 8,
                      .files = 32,
                      .scratch_mib = 16,
                      .has_network = true,
                      .program = SK_SLICE("/team/programs/order"),
                      .directory = SK_SLICE("/team"),
                      .word_count = 2,
                      .variable_count = 1,
                      .read_count = 1,
                      .input = SK_SLICE("{\"a\":\"\0\"}")};

        run.words[0] = SK_SLICE("order");
        run.words[1] = SK_SLICE("--now");
        run.variables[0] = SK_SLICE("LANG=C");
        run.read[0] = SK_SLICE("/team/data");
        return run;
}

/** One frame's bytes, at an address behind which nothing may be read; free them. */
static char *alone(const sk_buf *frame, size_t len) {
        char *bytes = malloc(len == 0 ? 1 : len);

        assert_non_null(bytes);
        memcpy(bytes, frame->at, len);
        return bytes;
}

static sk_err take(const sk_buf *frame, size_t len, size_t *out_len) {
        char *bytes = alone(frame, len);
        sk_err err = sk_frame_take((sk_slice){bytes, len}, &got, out_len);

        free(bytes);
        return err;
}

static void set_u32(sk_buf *frame, size_t at, uint32_t number) {
        for (unsigned i = 0; i < 4; i++)
                frame->at[at + i] = (char)(uint8_t)(number >> (8 * i));
}

/* ---- what is right ---- */

static void test_a_run_comes_back_as_it_was_put(void **state) {
        sk_buf out = sk_buf_make(SK_FRAME_MAX);
        sk_run run = run_of();
        size_t len = 0;

        (void)state;
        sk_frame_put_run(&out, &run);
        sk_frame_put(&out, SK_FRAME_STOP, 9, 0); /* behind it */
        assert_int_equal(sk_frame_take(sk_buf_slice(&out), &got, &len), SK_OK);
        assert_int_equal(got.kind, SK_FRAME_RUN);
        assert_true(got.run.ticket == run.ticket && got.ticket == run.ticket);
        assert_int_equal(got.run.timeout_ms, 30000);
        assert_int_equal(got.run.scratch_mib, 16);
        assert_true(got.run.has_network);
        assert_false(got.run.is_reduced);
        assert_true(sk_slice_equal(got.run.program, run.program));
        assert_int_equal(got.run.word_count, 2);
        assert_true(sk_slice_equal(got.run.words[1], run.words[1]));
        assert_true(sk_slice_equal(got.run.variables[0], run.variables[0]));
        assert_true(sk_slice_equal(got.run.read[0], run.read[0]));
        assert_true(sk_slice_equal(got.run.input, run.input)); /* which may hold anything */
        sk_slice rest = {out.at + len, out.len - len};
        assert_int_equal(sk_frame_take(rest, &got, &len), SK_OK);
        assert_int_equal(got.kind, SK_FRAME_STOP);
        assert_int_equal(got.ticket, 9);
        assert_int_equal(len, rest.len);
        sk_buf_free(&out);
}

typedef struct taken {
        unsigned count;
        uint64_t sum; /* of the tickets */
        uint64_t last;
} taken;

static bool take_one(void *self, const sk_frame_read *frame) {
        taken *all = self;

        all->count++;
        all->sum += frame->ticket;
        return frame->ticket != all->last;
}

static void test_whole_frames_are_taken_out_however_they_come(void **state) {
        sk_buf out = sk_buf_make(SK_FRAME_MAX);
        sk_buf in = sk_buf_make(SK_FRAME_MAX);
        taken all = {.last = 0};

        (void)state;
        for (uint64_t ticket = 1; ticket <= 3; ticket++)
                sk_frame_put(&out, SK_FRAME_STARTED, ticket, 7);
        for (size_t i = 0; i < out.len; i++) {
                sk_buf_add(&in, out.at + i, 1);
                assert_true(sk_frames_take(&in, take_one, &all));
        }
        assert_int_equal(all.count, 3);
        assert_int_equal(in.len, 0);
        all = (taken){.last = 2};
        sk_buf_add(&in, out.at, out.len);
        assert_false(sk_frames_take(&in, take_one, &all)); /* it wants no more than the second */
        assert_int_equal(all.sum, 3);
        assert_int_equal(in.len, out.len / 3);
        assert_true(sk_frames_take(&in, take_one, &all));
        assert_int_equal(all.sum, 6);
        sk_buf_add_slice(&in, SK_SLICE("this is not what frames look like"));
        assert_false(sk_frames_take(&in, take_one, &all));
        assert_int_equal(all.count, 3);
        sk_buf_free(&out);
        sk_buf_free(&in);
}

static void test_what_a_program_has_put_out_too_much_is_cut(void **state) {
        sk_buf out = sk_buf_make(SK_FRAME_MAX);
        char *large = malloc(SK_RUN_OUTPUT_MAX + 1);
        size_t len = 0;

        (void)state;
        assert_non_null(large);
        memset(large, 'x', SK_RUN_OUTPUT_MAX + 1);
        sk_run_end end = {.ticket = 3,
                          .how = SK_RUN_EXITED,
                          .number = -7,
                          .output = {large, SK_RUN_OUTPUT_MAX + 1},
                          .text = {large, SK_RUN_TEXT_MAX + 1}};
        sk_frame_put_end(&out, &end);
        assert_int_equal(take(&out, out.len, &len), SK_OK);
        assert_int_equal(got.end.number, -7);
        assert_int_equal(got.end.output.len, SK_RUN_OUTPUT_MAX);
        assert_int_equal(got.end.text.len, SK_RUN_TEXT_MAX);
        free(large);
        sk_buf_free(&out);
}

static void test_the_longest_frame_is_read_and_a_longer_one_is_not_put(void **state) {
        sk_run run = run_of();
        char *large = calloc(1, SK_FRAME_MAX);
        sk_buf bare = sk_buf_make(SK_FRAME_BYTES_MAX);
        size_t len = 0;

        (void)state;
        assert_non_null(large);
        run.input = (sk_slice){large, 0};
        sk_frame_put_run(&bare, &run);
        for (size_t more = 0; more < 2; more++) {
                sk_buf out = sk_buf_make(SK_FRAME_BYTES_MAX);
                run.input.len = SK_FRAME_BYTES_MAX - bare.len + more;
                sk_frame_put_run(&out, &run);
                assert_int_equal(out.err, more == 0 ? SK_OK : SK_ERR_FULL);
                if (more == 0) {
                        assert_int_equal(take(&out, out.len, &len), SK_OK);
                        assert_int_equal(len, SK_FRAME_BYTES_MAX);
                }
                sk_buf_free(&out);
        }
        sk_buf_free(&bare);
        free(large);
}

/* ---- what is cut off ---- */

static void test_of_a_frame_that_is_not_whole_more_is_awaited(void **state) {
        sk_buf out = sk_buf_make(SK_FRAME_MAX);
        sk_run run = run_of();
        size_t len = 1;

        (void)state;
        sk_frame_put_run(&out, &run);
        for (size_t part = 0; part < out.len; part++) {
                assert_int_equal(take(&out, part, &len), SK_OK);
                assert_int_equal(len, 0);
        }
        sk_buf_free(&out);
}

static void test_a_frame_whose_content_is_longer_or_shorter_than_it_says_is_none(void **state) {
        sk_buf frames[3];
        sk_run run = run_of();

        (void)state;
        for (size_t i = 0; i < COUNT(frames); i++)
                frames[i] = sk_buf_make(SK_FRAME_MAX);
        sk_frame_put_run(&frames[0], &run);
        sk_frame_put_end(&frames[1], &(sk_run_end){.output = SK_SLICE("x"), .text = SK_SLICE("y")});
        sk_frame_put(&frames[2], SK_FRAME_STARTED, 1, 77);
        for (size_t i = 0; i < COUNT(frames); i++) {
                size_t whole = frames[i].len;
                size_t len = 1;
                for (size_t part = HEAD; part < whole; part++) { /* the length fits what is left */
                        set_u32(&frames[i], 0, (uint32_t)(part - HEAD));
                        assert_int_not_equal(take(&frames[i], part, &len), SK_OK);
                        assert_int_equal(len, 0);
                }
                sk_buf_add_byte(&frames[i], 0);
                set_u32(&frames[i], 0, (uint32_t)(whole + 1 - HEAD));
                assert_int_equal(take(&frames[i], whole + 1, &len), SK_ERR_SYNTAX);
                sk_buf_free(&frames[i]);
        }
}

/* ---- what cannot be meant ---- */

static void test_a_frame_longer_than_any_is_refused_before_it_is_there(void **state) {
        sk_buf out = sk_buf_make(SK_FRAME_MAX);
        size_t len = 1;

        (void)state;
        sk_buf_add_u32(&out, SK_FRAME_MAX + 1);
        assert_int_equal(take(&out, HEAD, &len), SK_ERR_RANGE);
        set_u32(&out, 0, SK_FRAME_MAX);
        assert_int_equal(take(&out, HEAD, &len), SK_OK);
        assert_int_equal(len, 0);
        sk_buf_free(&out);
}

static void test_numbers_that_lead_beyond_their_bounds_are_refused(void **state) {
        sk_run run = run_of();
        size_t program = FLAGS + 1;
        size_t words = program + 4 + run.program.len + 4 + run.directory.len;
        const struct {
                size_t at;
                uint32_t number;
                sk_err err;
        } table[] = {
                {program, 0xffffffff, SK_ERR_TRUNCATED},       {program, 0x7fffffff, SK_ERR_TRUNCATED},
                {words, SK_FRAME_WORDS_MAX + 1, SK_ERR_RANGE}, {words, 0xffffffff, SK_ERR_RANGE},
                {words, SK_FRAME_WORDS_MAX, SK_ERR_TRUNCATED}, /* as many as may be, and not there */
                {words + 4, 0xfffffff0, SK_ERR_TRUNCATED},
        };

        (void)state;
        for (size_t i = 0; i < COUNT(table); i++) {
                sk_buf out = sk_buf_make(SK_FRAME_MAX);
                size_t len = 1;
                sk_frame_put_run(&out, &run);
                set_u32(&out, table[i].at, table[i].number);
                assert_int_equal(take(&out, out.len, &len), table[i].err);
                assert_int_equal(len, 0);
                sk_buf_free(&out);
        }
}

static void test_kinds_flags_and_ends_that_do_not_exist_are_refused(void **state) {
        (void)state;
        static const struct {
                bool is_end; /* else a run */
                size_t at;
                char byte;
        } table[] = {
                {false, HEAD, 0},
                {false, HEAD, 5},
                {false, HEAD, (char)0xff},
                {false, FLAGS, 4},
                {false, FLAGS, (char)0x80},
                {true, NUMBERS, SK_RUN_HOWS},
                {true, NUMBERS, (char)0xff},
        };

        for (size_t i = 0; i < COUNT(table); i++) {
                sk_buf out = sk_buf_make(SK_FRAME_MAX);
                sk_run run = run_of();
                size_t len = 1;
                if (table[i].is_end)
                        sk_frame_put_end(&out, &(sk_run_end){.output = SK_SLICE("x")});
                else
                        sk_frame_put_run(&out, &run);
                out.at[table[i].at] = table[i].byte;
                assert_int_equal(take(&out, out.len, &len), SK_ERR_RANGE);
                sk_buf_free(&out);
        }
}

static void test_a_run_of_nothing_or_with_a_zero_in_a_word_is_refused(void **state) {
        static const struct {
                sk_slice program;
                sk_slice word; /* SK_NONE: no word at all */
                sk_slice variable;
                sk_err err;
        } table[] = {
                {SK_SLICE(""), SK_SLICE("w"), SK_SLICE("A=1"), SK_ERR_RANGE},
                {SK_SLICE("/p"), {NULL, 0}, SK_SLICE("A=1"), SK_ERR_RANGE},
                {SK_SLICE("/p\0q"), SK_SLICE("w"), SK_SLICE("A=1"), SK_ERR_SYNTAX},
                {SK_SLICE("/p"), SK_SLICE("w\0"), SK_SLICE("A=1"), SK_ERR_SYNTAX},
                {SK_SLICE("/p"), SK_SLICE("w"), SK_SLICE("A=\0"), SK_ERR_SYNTAX},
                {SK_SLICE("/p"), SK_SLICE(""), SK_SLICE(""), SK_OK},
        };

        (void)state;
        for (size_t i = 0; i < COUNT(table); i++) {
                sk_buf out = sk_buf_make(SK_FRAME_MAX);
                sk_run run = run_of();
                size_t len = 0;
                run.program = table[i].program;
                run.words[0] = table[i].word;
                run.word_count = table[i].word.at == NULL ? 0 : 1;
                run.variables[0] = table[i].variable;
                sk_frame_put_run(&out, &run);
                assert_int_equal(take(&out, out.len, &len), table[i].err);
                sk_buf_free(&out);
        }
}

static void test_an_end_with_more_than_it_may_put_out_is_refused(void **state) {
        char *large = calloc(1, SK_RUN_OUTPUT_MAX + 1);
        (void)state;

        assert_non_null(large);
        for (unsigned i = 0; i < 2; i++) {
                sk_buf out = sk_buf_make(SK_FRAME_MAX);
                size_t len = 1;
                sk_buf_add_u32(&out, 0);
                sk_buf_add_byte(&out, SK_FRAME_ENDED);
                sk_buf_add_u64(&out, 1);
                sk_buf_add_byte(&out, SK_RUN_EXITED);
                sk_buf_add_u32(&out, 0);
                size_t sizes[] = {i == 0 ? SK_RUN_OUTPUT_MAX + 1 : 0, i == 0 ? 0 : SK_RUN_TEXT_MAX + 1};
                for (unsigned t = 0; t < 2; t++) {
                        sk_buf_add_u32(&out, (uint32_t)sizes[t]);
                        sk_buf_add(&out, large, sizes[t]);
                }
                set_u32(&out, 0, (uint32_t)(out.len - HEAD));
                assert_int_equal(take(&out, out.len, &len), SK_ERR_RANGE);
                sk_buf_free(&out);
        }
        free(large);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_a_run_comes_back_as_it_was_put),
                cmocka_unit_test(test_whole_frames_are_taken_out_however_they_come),
                cmocka_unit_test(test_what_a_program_has_put_out_too_much_is_cut),
                cmocka_unit_test(test_the_longest_frame_is_read_and_a_longer_one_is_not_put),
                cmocka_unit_test(test_of_a_frame_that_is_not_whole_more_is_awaited),
                cmocka_unit_test(test_a_frame_whose_content_is_longer_or_shorter_than_it_says_is_none),
                cmocka_unit_test(test_a_frame_longer_than_any_is_refused_before_it_is_there),
                cmocka_unit_test(test_numbers_that_lead_beyond_their_bounds_are_refused),
                cmocka_unit_test(test_kinds_flags_and_ends_that_do_not_exist_are_refused),
                cmocka_unit_test(test_a_run_of_nothing_or_with_a_zero_in_a_word_is_refused),
                cmocka_unit_test(test_an_end_with_more_than_it_may_put_out_is_refused),
        };

        return cmocka_run_group_tests_name("frame", tests, NULL, NULL);
}
