/* A process behind a socket of frames: what it says, what it cannot say, and its end. Shells stand in for it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "how/peer.h"

typedef struct world {
        uv_loop_t loop;
        sk_peer peer;
        bool is_begun;
        unsigned wanted; /* frames, after which the peer is closed; 0: however many come */
        bool kills;      /* what is silent */
        unsigned frames;
        uint64_t sum; /* of the tickets */
        size_t output;
        unsigned silences;
        unsigned exits;
        int64_t status;
        int signal_number;
        unsigned closings;
} world;

static world w;

static void on_frame(void *self, const sk_frame_read *frame) {
        world *it = self;

        it->frames++;
        it->sum += frame->ticket;
        if (frame->kind == SK_FRAME_ENDED)
                it->output = frame->end.output.len;
        if (it->frames == it->wanted)
                sk_peer_close(&it->peer);
}

static void on_silent(void *self) {
        world *it = self;

        it->silences++;
        if (it->kills)
                sk_peer_kill(&it->peer);
}

static void on_exited(void *self, int64_t status, int signal_number) {
        world *it = self;

        it->exits++;
        it->status = status;
        it->signal_number = signal_number;
        sk_peer_close(&it->peer);
}

static void on_closed(void *self) {
        ((world *)self)->closings++;
}

static int setup(void **state) {
        (void)state;
        w = (world){.wanted = 0};
        (void)signal(SIGPIPE, SIG_IGN);
        return uv_loop_init(&w.loop);
}

static int teardown(void **state) {
        (void)state;
        if (w.is_begun) {
                sk_peer_close(&w.peer);
                (void)uv_run(&w.loop, UV_RUN_DEFAULT);
                assert_int_equal(w.closings, 1);
        }
        return uv_loop_close(&w.loop);
}

static bool begin(const char *program, const char *script) {
        static const sk_peer_ears ears = {
                .frame = on_frame, .silent = on_silent, .exited = on_exited, .closed = on_closed};
        const char *const command[] = {program, "-c", script, NULL};

        w.is_begun = true;
        return sk_peer_begin(&w.peer, &w.loop, command, "the-last-word", &ears, &w);
}

static void send_number(uint64_t ticket) {
        sk_buf frame = sk_buf_make(SK_FRAME_BYTES_MAX);

        sk_frame_put(&frame, SK_FRAME_STARTED, ticket, 7);
        assert_true(sk_peer_send(&w.peer, &frame));
        assert_int_equal(frame.len, 0);
}

static void run(void) {
        (void)uv_run(&w.loop, UV_RUN_DEFAULT);
}

static void test_frames_arrive_whole_and_in_number(void **state) {
        static char output[SK_RUN_OUTPUT_MAX];
        sk_buf frame = sk_buf_make(SK_FRAME_BYTES_MAX);
        const sk_run_end end = {.ticket = 1000, .output = {output, sizeof output}};

        (void)state;
        memset(output, 'x', sizeof output);
        assert_true(begin("sh", "cat <&3 >&3"));
        for (unsigned i = 0; i < 1000; i++)
                send_number(i);
        sk_frame_put_end(&frame, &end);
        assert_true(sk_peer_send(&w.peer, &frame));
        w.wanted = 1001;
        run();
        assert_int_equal(w.frames, 1001);
        assert_int_equal(w.sum, 1000 * 1001 / 2);
        assert_int_equal(w.output, sizeof output);
        assert_int_equal(w.silences + w.exits, 0);
        assert_int_equal(w.closings, 1);
}

static void test_what_is_no_frame_makes_it_silent(void **state) {
        (void)state;
        w.kills = true;
        assert_true(begin("sh", "echo this is not what frames look like >&3; exec sleep 1000"));
        run();
        assert_int_equal(w.frames, 0);
        assert_int_equal(w.silences, 1);
        assert_int_equal(w.exits, 1);
        assert_int_equal(w.signal_number, SIGKILL);
}

static void test_the_end_of_its_socket_is_not_the_end_of_it(void **state) {
        (void)state;
        w.kills = true;
        assert_true(begin("sh", "exec 3>&-; exec sleep 1000"));
        run();
        assert_int_equal(w.silences, 1);
        assert_int_equal(w.signal_number, SIGKILL);
}

static void test_its_status_is_told(void **state) {
        (void)state;
        assert_true(begin("sh", "test \"$0\" = the-last-word && exit 3"));
        run();
        assert_int_equal(w.exits, 1);
        assert_int_equal(w.status, 3);
        assert_int_equal(w.signal_number, 0);
}

static void test_nothing_is_heard_of_one_that_was_killed(void **state) {
        (void)state;
        assert_true(begin("sh", "cat <&3 >&3"));
        send_number(1);
        sk_peer_kill(&w.peer);
        run();
        assert_int_equal(w.frames, 0);
        assert_int_equal(w.signal_number, SIGKILL);
}

static void test_one_that_is_closed_ends_by_itself(void **state) {
        int status = -1;

        (void)state;
        assert_true(begin("sh", "cat <&3; exit 5"));
        pid_t pid = w.peer.process.pid;
        sk_peer_close(&w.peer);
        sk_peer_close(&w.peer);
        run();
        assert_int_equal(w.closings, 1);
        assert_int_equal(w.silences + w.exits, 0);
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_int_equal(WEXITSTATUS(status), 5);
}

static void test_a_program_that_there_is_not_is_no_peer(void **state) {
        (void)state;
        assert_false(begin("/nowhere/peer", ""));
        sk_peer_close(&w.peer);
        run();
        assert_int_equal(w.silences + w.exits, 0);
        assert_int_equal(w.closings, 1);
}

static void test_a_frame_without_room_is_not_sent(void **state) {
        sk_buf frame = sk_buf_make(4);

        (void)state;
        assert_true(begin("sh", "cat <&3 >&3"));
        sk_frame_put(&frame, SK_FRAME_STOP, 1, 0);
        assert_false(sk_peer_send(&w.peer, &frame));
        w.wanted = 1;
        send_number(9);
        run();
        assert_int_equal(w.sum, 9);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
        const struct CMUnitTest tests[] = {
                TEST(test_frames_arrive_whole_and_in_number),          TEST(test_what_is_no_frame_makes_it_silent),
                TEST(test_the_end_of_its_socket_is_not_the_end_of_it), TEST(test_its_status_is_told),
                TEST(test_nothing_is_heard_of_one_that_was_killed),    TEST(test_one_that_is_closed_ends_by_itself),
                TEST(test_a_program_that_there_is_not_is_no_peer),     TEST(test_a_frame_without_room_is_not_sent),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
