#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "log/local_state.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "support/folder.h"

#define TEAM SK_SLICE("network")

static const sk_input_place places[] = {
        {.topic = "ssc.network.calls.desk", .partition = 0, .offset = 41},
        {.topic = "ssc.network.work", .partition = 3, .offset = INT64_MAX},
        {.topic = "ssc.network.work", .partition = 3, .offset = INT64_MAX},
};

typedef struct fixture {
        test_folder folder;
        sk_local_state *state;
} fixture;

static int setup(void **state) {
        static fixture f;

        folder_make(&f.folder);
        assert_int_equal(sk_local_state_open(folder_file(&f.folder, "state"), TEAM, &f.state), SK_OK);
        *state = &f;
        return 0;
}

static int teardown(void **state) {
        fixture *f = *state;

        sk_local_state_free(f->state);
        folder_remove(&f->folder);
        return 0;
}

static void test_an_exit_without_leaving_is_seen_by_the_next_process(void **state) {
        fixture *f = *state;
        sk_local_exit last = SK_LAST_CRASHED;

        assert_int_equal(sk_local_state_crash_fd(f->state), -1);
        assert_int_equal(sk_local_state_enter(f->state, &last), SK_OK);
        assert_int_equal(last, SK_LAST_CLEAN);
        assert_int_equal(sk_local_state_enter(f->state, &last), SK_OK);
        assert_int_equal(last, SK_LAST_KILLED);
        assert_int_equal(write(sk_local_state_crash_fd(f->state), "crashed\n", 8), 8);
        assert_int_equal(sk_local_state_enter(f->state, &last), SK_OK);
        assert_int_equal(last, SK_LAST_CRASHED);
        sk_local_state_leave(f->state);
        assert_int_equal(sk_local_state_enter(f->state, &last), SK_OK);
        assert_int_equal(last, SK_LAST_CLEAN);
}

static void note(sk_local_state *state, size_t count) {
        sk_buf text = sk_buf_make(4096);

        sk_local_note_format(places, count, &text);
        assert_int_equal(text.err, SK_OK);
        assert_int_equal(sk_local_state_note(state, sk_buf_slice(&text)), SK_OK);
        sk_buf_free(&text);
}

static void test_a_note_comes_back_as_it_was_written(void **state) {
        fixture *f = *state;
        sk_input_place found[SK_LOCAL_NOTES_MAX];

        assert_int_equal(sk_local_state_noted(f->state, found, SK_LOCAL_NOTES_MAX), 0);
        note(f->state, 3);
        assert_int_equal(sk_local_state_noted(f->state, found, SK_LOCAL_NOTES_MAX), 3);
        for (size_t i = 0; i < 3; i++) {
                assert_string_equal(found[i].topic, places[i].topic);
                assert_int_equal(found[i].partition, places[i].partition);
                assert_true(found[i].offset == places[i].offset);
        }
        note(f->state, 1);
        assert_int_equal(sk_local_state_noted(f->state, found, SK_LOCAL_NOTES_MAX), 1);
        assert_int_equal(sk_local_state_forget(f->state), SK_OK);
        assert_int_equal(sk_local_state_forget(f->state), SK_OK);
        assert_int_equal(sk_local_state_noted(f->state, found, SK_LOCAL_NOTES_MAX), 0);
}

/* How often a place is given to the driver at each start, when every process ends with it noted. */
static const struct {
        sk_local_exit last;
        size_t given[6];
} findings[] = {
        {SK_LAST_CRASHED, {1, 2, 2, 2, 2, 2}},
        {SK_LAST_KILLED, {1, 1, 1, 1, 2, 2}},
};

static void test_a_crash_is_believed_at_the_second_time_and_a_kill_at_the_fifth(void **state) {
        fixture *f = *state;
        sk_input_place found[SK_LOCAL_NOTES_MAX];

        for (size_t i = 0; i < sizeof(findings) / sizeof(findings[0]); i++) {
                for (size_t time = 0; time < 6; time++) {
                        note(f->state, 1);
                        size_t given = sk_local_state_find(f->state, findings[i].last, found, SK_LOCAL_NOTES_MAX);
                        assert_int_equal(given, findings[i].given[time]);
                        assert_string_equal(found[0].topic, places[0].topic);
                }
                sk_local_state_leave(f->state);
        }
}

static void test_a_place_that_is_not_found_again_is_forgotten(void **state) {
        fixture *f = *state;
        sk_input_place found[SK_LOCAL_NOTES_MAX];

        note(f->state, 1);
        assert_int_equal(sk_local_state_find(f->state, SK_LAST_CRASHED, found, SK_LOCAL_NOTES_MAX), 1);
        assert_int_equal(sk_local_state_forget(f->state), SK_OK);
        assert_int_equal(sk_local_state_find(f->state, SK_LAST_CRASHED, found, SK_LOCAL_NOTES_MAX), 0);
        note(f->state, 1);
        assert_int_equal(sk_local_state_find(f->state, SK_LAST_CRASHED, found, SK_LOCAL_NOTES_MAX), 1);
}

static void test_leaving_takes_the_note_away(void **state) {
        fixture *f = *state;
        sk_input_place found[SK_LOCAL_NOTES_MAX];
        sk_local_exit last;

        assert_int_equal(sk_local_state_enter(f->state, &last), SK_OK);
        note(f->state, 2);
        sk_local_state_leave(f->state);
        assert_int_equal(sk_local_state_noted(f->state, found, SK_LOCAL_NOTES_MAX), 0);
}

static const struct {
        const char *text;
        size_t count;
} notes[] = {
        {"", 0},
        {"end\n", 0},
        {"0 1 ssc.network.work\nend\n", 1},
        {"0 1 ssc.network.work", 0},
        {"0 1 ssc.network.work\n0 2 ssc.net", 1},
        {"x 1 ssc.network.work\n0 2 ssc.network.work\n", 1},
        {"0 99999999999999999999 ssc.network.work\n", 0},
        {"4294967296 1 ssc.network.work\n", 0},
        {"-1 1 ssc.network.work\n", 0},
        {"0 1 ../../etc/passwd\n", 0},
        {"0  ssc.network.work\n", 0},
        {"\n\n\n", 0},
};

static void test_a_damaged_note_gives_what_is_whole(void **state) {
        sk_input_place found[4];

        (void)state;
        for (size_t i = 0; i < sizeof(notes) / sizeof(notes[0]); i++)
                assert_int_equal(sk_local_note_parse(sk_slice_of(notes[i].text), found, 4), notes[i].count);
        assert_int_equal(sk_local_note_parse(SK_SLICE("0 1 a.b.work\n0 2 a.b.work\n0 3 a.b.work\n"), found, 2), 2);
}

static void test_small_files_are_published_beside(void **state) {
        fixture *f = *state;
        char text[64] = "";

        assert_int_equal(sk_local_state_publish(f->state, "http", SK_SLICE("127.0.0.1:1\n")), SK_OK);
        int fd = open(folder_file(&f->folder, "state/network.http"), O_RDONLY);
        assert_true(fd >= 0);
        assert_int_equal(read(fd, text, sizeof(text) - 1), 12);
        close(fd);
        assert_string_equal(text, "127.0.0.1:1\n");
}

static void test_a_state_directory_that_cannot_be_made_is_an_error(void **state) {
        fixture *f = *state;
        sk_local_state *other = NULL;

        assert_int_equal(sk_local_state_open(folder_file(&f->folder, "no/such/state"), TEAM, &other), SK_ERR_IO);
        assert_int_equal(sk_local_state_open(f->folder.path, SK_SLICE("../x"), &other), SK_ERR_RANGE);
        assert_null(other);
}

#define WITH_STATE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void) {
        const struct CMUnitTest tests[] = {
                WITH_STATE(test_an_exit_without_leaving_is_seen_by_the_next_process),
                WITH_STATE(test_a_note_comes_back_as_it_was_written),
                WITH_STATE(test_a_crash_is_believed_at_the_second_time_and_a_kill_at_the_fifth),
                WITH_STATE(test_a_place_that_is_not_found_again_is_forgotten),
                WITH_STATE(test_leaving_takes_the_note_away),
                cmocka_unit_test(test_a_damaged_note_gives_what_is_whole),
                WITH_STATE(test_small_files_are_published_beside),
                WITH_STATE(test_a_state_directory_that_cannot_be_made_is_an_error),
        };

        return cmocka_run_group_tests_name("local_state", tests, NULL, NULL);
}
