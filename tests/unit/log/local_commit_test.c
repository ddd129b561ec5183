/* What the committer writes is there once: whatever the disk does, and whoever takes the team over meanwhile. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "log/local_commit.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "event/topics.h"
#include "support/folder.h"

#define LIMIT_MS 120000
#define EVENTS SK_SLICE("ssc.network.events")
#define JOURNAL SK_SLICE("ssc.network.journal")
#define TEAM SK_SLICE("network")

typedef struct fixture {
        test_folder folder;
        char path[FOLDER_PATH_MAX];
        char state_dir[FOLDER_PATH_MAX];
        sk_topics *topics;
        sk_local_committer *committer;
        sk_local_job job;
        sk_record records[3];
        sk_batch batch;
} fixture;

static fixture f;

static sk_local_commit_config config_of(void) {
        return (sk_local_commit_config){.file = f.path,
                                        .state_dir = f.state_dir,
                                        .chain = SK_SLICE("ssc"),
                                        .team = TEAM,
                                        .acceptance_days = 14};
}

static int setup(void **state) {
        char why[SK_LOCAL_WHY_MAX];

        (void)state;
        f = (fixture){.batch = {.number = 1}};
        folder_make(&f.folder);
        (void)snprintf(f.path, sizeof(f.path), "%s", folder_file(&f.folder, "chain.log"));
        (void)snprintf(f.state_dir, sizeof(f.state_dir), "%s", folder_file(&f.folder, "state"));
        f.topics = sk_topics_new(SK_SLICE("ssc"), TEAM);
        sk_local_commit_config config = config_of();
        assert_int_equal(sk_local_committer_new(&config, why, &f.committer), SK_OK);
        const sk_topic *events = sk_topics_own(f.topics, SK_TOPIC_EVENTS);
        const sk_topic *journal = sk_topics_own(f.topics, SK_TOPIC_JOURNAL);
        f.records[0] = (sk_record){events, 0, -1, 0, SK_SLICE("a"), SK_SLICE(""), SK_SLICE("1"), SK_NONE};
        f.records[1] = (sk_record){events, 0, -1, 0, SK_SLICE("b"), SK_SLICE(""), SK_SLICE("2"), SK_NONE};
        f.records[2] = (sk_record){journal, 0, -1, 0, SK_SLICE("mark"), SK_SLICE(""), SK_SLICE("3"), SK_NONE};
        f.batch.records = f.records;
        f.batch.record_count = 3;
        return 0;
}

static int teardown(void **state) {
        (void)state;
        sk_local_committer_free(f.committer);
        sk_topics_free(f.topics);
        sk_buf_free(&f.job.text);
        folder_remove(&f.folder);
        return 0;
}

/** Has it done; gives its result. */
static sk_err done(sk_local_job_kind kind) {
        struct pollfd wait = {.fd = sk_local_committer_fd(f.committer), .events = POLLIN};

        f.job.kind = kind;
        f.job.batch = kind == SK_JOB_COMMIT || kind == SK_JOB_RECOMMIT ? &f.batch : NULL;
        f.job.why[0] = '\0';
        sk_local_committer_put(f.committer, &f.job);
        sk_local_job *taken = sk_local_committer_take(f.committer);
        while (taken == NULL) {
                assert_int_equal(poll(&wait, 1, LIMIT_MS), 1);
                taken = sk_local_committer_take(f.committer);
        }
        assert_ptr_equal(taken, &f.job);
        return f.job.result;
}

/* ---- another connection ---- */

static sk_local_file *other_open(void) {
        char why[SK_LOCAL_WHY_MAX];
        sk_local_file *file = NULL;

        if (sk_local_file_open(f.path, false, why, &file) != SK_OK)
                fail_msg("%s", why);
        return file;
}

static int64_t end_of(sk_slice topic) {
        sk_local_file *file = other_open();
        sk_local_ends ends;

        assert_int_equal(sk_local_ends_of(file, topic, &ends), SK_OK);
        sk_local_file_free(file);
        return ends.end_offset;
}

/* Another daemon takes the team over. */
static void fence(void) {
        sk_local_file *file = other_open();
        int64_t epoch;

        assert_int_equal(sk_local_begin(file), SK_OK);
        assert_int_equal(sk_local_epoch_raise(file, TEAM, &epoch), SK_OK);
        assert_int_equal(sk_local_commit(file), SK_OK);
        sk_local_file_free(file);
}

/* As if the disk was full: no file gets longer than that. */
static rlim_t disk_limit(rlim_t most) {
        struct rlimit limit;

        assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
        rlim_t before = limit.rlim_cur;
        limit.rlim_cur = most;
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
        return before;
}

/* ---- taking over ---- */

static void test_each_take_over_raises_the_epoch(void **state) {
        (void)state;
        assert_int_equal(done(SK_JOB_TAKE_OVER), SK_OK);
        assert_int_equal(f.job.epoch, 1);
        assert_int_equal(f.job.last_exit, SK_LAST_CLEAN);
        assert_int_equal(done(SK_JOB_TAKE_OVER), SK_OK);
        assert_int_equal(f.job.epoch, 2);
        assert_string_equal(f.job.why, "");
}

static void test_a_take_over_without_room_says_so_and_is_done_when_there_is_some(void **state) {
        (void)state;
        rlim_t before = disk_limit(1);
        sk_err err = done(SK_JOB_TAKE_OVER);
        (void)disk_limit(before);
        assert_int_not_equal(err, SK_OK);
        assert_string_not_equal(f.job.why, "");
        assert_int_equal(done(SK_JOB_TAKE_OVER), SK_OK);
        assert_int_equal(f.job.epoch, 1);
        assert_int_equal(done(SK_JOB_COMMIT), SK_OK);
        assert_int_equal(end_of(EVENTS), 2);
}

static void test_a_state_directory_that_is_gone_fails_the_take_over_and_the_note(void **state) {
        (void)state;
        assert_int_equal(rmdir(f.state_dir), 0);
        assert_int_not_equal(done(SK_JOB_TAKE_OVER), SK_OK);
        assert_non_null(strstr(f.job.why, "writing to the state directory: No such file or directory"));
        f.job.text = sk_buf_make(100);
        sk_buf_add_text(&f.job.text, "x");
        assert_int_not_equal(done(SK_JOB_NOTE), SK_OK);
}

/* ---- committing ---- */

static void test_a_batch_is_written_whole(void **state) {
        (void)state;
        assert_int_equal(done(SK_JOB_TAKE_OVER), SK_OK);
        assert_int_equal(done(SK_JOB_COMMIT), SK_OK);
        assert_int_equal(end_of(EVENTS), 2);
        assert_int_equal(end_of(JOURNAL), 1);
}

static void test_a_batch_of_which_a_record_cannot_be_written_is_not_written_at_all(void **state) {
        sk_topic nonsense = *f.records[1].topic;

        (void)state;
        nonsense.name = SK_SLICE("no topic");
        assert_int_equal(done(SK_JOB_TAKE_OVER), SK_OK);
        f.records[1].topic = &nonsense;
        assert_int_equal(done(SK_JOB_COMMIT), SK_ERR_ABORTED);
        assert_non_null(strstr(f.job.why, "no topic"));
        assert_int_equal(end_of(EVENTS), 0);
        assert_int_equal(end_of(JOURNAL), 0);
}

static void test_who_was_taken_over_writes_nothing_more(void **state) {
        static const sk_local_job_kind kinds[] = {SK_JOB_COMMIT, SK_JOB_RECOMMIT};
        (void)state;

        assert_int_equal(done(SK_JOB_TAKE_OVER), SK_OK);
        fence();
        for (size_t i = 0; i < 2; i++) {
                assert_int_equal(done(kinds[i]), SK_ERR_FENCED);
                assert_string_equal(f.job.why, "another daemon has taken over the team network");
                assert_int_equal(end_of(EVENTS), 0);
        }
        assert_int_equal(done(SK_JOB_TAKE_OVER), SK_OK);
        assert_int_equal(f.job.epoch, 3);
        assert_int_equal(done(SK_JOB_COMMIT), SK_OK);
        assert_int_equal(end_of(EVENTS), 2);
}

/* ---- an outcome that is not known ---- */

static void test_what_was_written_is_not_written_again(void **state) {
        (void)state;
        assert_int_equal(done(SK_JOB_TAKE_OVER), SK_OK);
        assert_int_equal(done(SK_JOB_COMMIT), SK_OK);
        assert_int_equal(done(SK_JOB_RECOMMIT), SK_OK);
        assert_int_equal(done(SK_JOB_RECOMMIT), SK_OK);
        assert_int_equal(end_of(EVENTS), 2);
        assert_int_equal(end_of(JOURNAL), 1);
}

static void test_what_a_full_disk_refused_is_written_once_when_there_is_room(void **state) {
        static const sk_local_job_kind kinds[] = {SK_JOB_COMMIT, SK_JOB_RECOMMIT};
        (void)state;

        assert_int_equal(done(SK_JOB_TAKE_OVER), SK_OK);
        for (size_t i = 0; i < 2; i++) {
                rlim_t before = disk_limit(1);
                sk_err err = done(SK_JOB_COMMIT);
                (void)disk_limit(before);
                assert_true(err == SK_ERR_ABORTED || err == SK_ERR_UNKNOWN_OUTCOME);
                assert_string_not_equal(f.job.why, "");
                assert_int_equal(end_of(EVENTS), 2 * (int64_t)i);
                assert_int_equal(done(kinds[i]), SK_OK);
                assert_int_equal(end_of(EVENTS), 2 * ((int64_t)i + 1));
                assert_int_equal(end_of(JOURNAL), (int64_t)i + 1);
        }
}

static void test_while_the_file_cannot_be_opened_the_outcome_stays_unknown(void **state) {
        char aside[FOLDER_PATH_MAX + 8];

        (void)state;
        assert_int_equal(done(SK_JOB_TAKE_OVER), SK_OK);
        assert_int_equal(done(SK_JOB_COMMIT), SK_OK);
        (void)snprintf(aside, sizeof(aside), "%s.aside", f.path);
        assert_int_equal(rename(f.path, aside), 0);
        assert_int_equal(mkdir(f.path, 0700), 0);
        assert_int_equal(done(SK_JOB_RECOMMIT), SK_ERR_UNKNOWN_OUTCOME);
        assert_string_not_equal(f.job.why, "");
        assert_int_equal(rmdir(f.path), 0);
        assert_int_equal(rename(aside, f.path), 0);
        assert_int_equal(done(SK_JOB_RECOMMIT), SK_OK);
        assert_int_equal(end_of(EVENTS), 2);
}

/* ---- beginning ---- */

static void test_a_committer_that_cannot_begin_says_why(void **state) {
        char file[FOLDER_PATH_MAX + 16];
        static const struct {
                const char *file; /* below the folder */
                const char *state_dir;
                const char *says;
        } table[] = {
                {"nowhere/chain.log", "state", "nowhere"},
                {"", "state", ""}, /* a directory */
                {"chain.log", "chain.log", "the state directory"},
        };

        (void)state;
        for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
                char why[SK_LOCAL_WHY_MAX] = "";
                char state_dir[FOLDER_PATH_MAX + 16];
                sk_local_committer *committer = NULL;
                sk_local_commit_config config = config_of();

                (void)snprintf(file, sizeof(file), "%s/%s", f.folder.path, table[i].file);
                (void)snprintf(state_dir, sizeof(state_dir), "%s/%s", f.folder.path, table[i].state_dir);
                config.file = file;
                config.state_dir = state_dir;
                assert_int_not_equal(sk_local_committer_new(&config, why, &committer), SK_OK);
                assert_null(committer);
                if (why[0] == '\0' || strstr(why, table[i].says) == NULL)
                        fail_msg("row %zu: %s", i, why);
        }
}

#define WITH_COMMITTER(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void) {
        const struct CMUnitTest tests[] = {
                WITH_COMMITTER(test_each_take_over_raises_the_epoch),
                WITH_COMMITTER(test_a_take_over_without_room_says_so_and_is_done_when_there_is_some),
                WITH_COMMITTER(test_a_state_directory_that_is_gone_fails_the_take_over_and_the_note),
                WITH_COMMITTER(test_a_batch_is_written_whole),
                WITH_COMMITTER(test_a_batch_of_which_a_record_cannot_be_written_is_not_written_at_all),
                WITH_COMMITTER(test_who_was_taken_over_writes_nothing_more),
                WITH_COMMITTER(test_what_was_written_is_not_written_again),
                WITH_COMMITTER(test_what_a_full_disk_refused_is_written_once_when_there_is_room),
                WITH_COMMITTER(test_while_the_file_cannot_be_opened_the_outcome_stays_unknown),
                WITH_COMMITTER(test_a_committer_that_cannot_begin_says_why),
        };

        (void)signal(SIGXFSZ, SIG_IGN); /* as the daemon does */
        return cmocka_run_group_tests_name("local_commit", tests, NULL, NULL);
}
