#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ctype.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <jansson.h>

#include "kit/alloc.h"
#include "kit/map.h"
#include "support/kafka_links.h"

/*
 * The 890 recorded incidents through the same chain on a local log and on a real Kafka: whatever the links write about a
 * call is the same, record by record, but for the times at which it happened, with no dead letter on either; so is what
 * the reports count.
 */

#define HISTORY "teams/shared-service-centre/history/"
#define CALL_BYTES_MAX ((size_t)1 << 20)
#define WORDS_MAX 16
#define TEAMS 7

static const char *const teams[TEAMS] = {"finance", "human-resources", "operations",  "service-centre",
                                         "network", "workplace",       "applications"};

static kafka_links f;

/* ---- programs ---- */

/* Runs `schakel` with these words; what it prints goes to the file, its exit status is returned. */
static int schakel(const char *const *words, const char *file) {
        const char *argv[WORDS_MAX] = {"schakel"};
        int status = 0;

        for (size_t i = 0; words[i] != NULL; i++) {
                assert_true(i + 2 < WORDS_MAX);
                argv[i + 1] = words[i];
        }
        pid_t pid = fork();
        assert_true(pid >= 0);
        if (pid == 0) {
                int fd = open(file, O_WRONLY | O_CREAT | O_TRUNC, 0600);
                if (fd < 0 || dup2(fd, STDOUT_FILENO) < 0)
                        _exit(126);
                (void)execv(program_path("schakel"), (char *const *)(uintptr_t)argv);
                _exit(127);
        }
        assert_int_equal(waitpid(pid, &status, 0), pid);
        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static char *read_file(const char *path) {
        FILE *file = fopen(path, "re");
        char *text = calloc(1, 1 << 20);

        assert_non_null(file);
        assert_non_null(text);
        size_t len = fread(text, 1, (1 << 20) - 1, file);
        assert_true(len < (1 << 20) - 1);
        (void)fclose(file);
        return text;
}

static void replay(const char *log) {
        const char *file = folder_file(&f.folder, "result");
        const char *words[] = {"replay",
                               "-C",
                               f.chain_dir,
                               "--log",
                               log,
                               "--history",
                               HISTORY "incidents.csv.gz",
                               "--map",
                               HISTORY "servicenow.map.json",
                               "--timeout",
                               "300s",
                               "--aside",
                               folder_file(&f.folder, "aside"),
                               "--json",
                               NULL};

        int status = schakel(words, file);
        char *text = read_file(file);
        if (status != 0 || strstr(text, "\"calls\":890,") == NULL || strstr(text, "\"closed\":890,\"open\":0,") == NULL)
                fail_msg("replay on %s has ended with %d:\n%.2000s", log, status, text);
        free(text);
}

static void links_start(const char *log) {
        for (size_t i = 0; i < TEAMS; i++) {
                char name[64];
                (void)snprintf(name, sizeof(name), "%.5s-%.40s", log, teams[i]);
                const char *arguments[] = {"-C", f.chain_dir, "--team", teams[i], "--log", log, NULL};
                link_start(&f.links[i], &f.folder, name, arguments);
                f.count++;
                link_await(&f.links[i], "\"ready\"", 1);
        }
}

/* ---- what was written about each call ---- */

/* Times and how long something took; everything else must be the same. */
static bool is_time_name(const char *name) {
        size_t len = strlen(name);

        return strcmp(name, "now") == 0 || (len > 3 && strcmp(name + len - 3, "_us") == 0) ||
               (len > 2 && strcmp(name + len - 2, "_s") == 0);
}

static bool is_time_text(const char *text) {
        static const char form[] = "0000-00-00T00:00:00";

        for (size_t i = 0; form[i] != '\0'; i++) {
                if (form[i] == '0' ? !isdigit((unsigned char)text[i]) : text[i] != form[i])
                        return false;
        }
        return true;
}

static void mask(json_t *value) {
        const char *name;
        json_t *member;
        void *next;
        size_t i;

        json_array_foreach(value, i, member) mask(member);
        json_object_foreach_safe(value, next, name, member) {
                if (is_time_name(name) || (json_is_string(member) && is_time_text(json_string_value(member))))
                        json_object_set_new(value, name, json_string("T"));
                else
                        mask(member);
        }
}

static void add_headers(sk_slice headers, sk_buf *out) {
        size_t position = 0;
        sk_slice name;
        sk_slice value;

        while (sk_headers_next(headers, &position, &name, &value)) {
                if (sk_slice_is(name, "ce_time"))
                        continue;
                sk_buf_add_format(out, "%.*s=%.*s ", (int)name.len, name.at, (int)value.len, value.at);
        }
}

static void add_value(sk_slice value, sk_buf *out) {
        json_t *json = json_loadb(value.at, value.len, 0, NULL);

        assert_non_null(json);
        mask(json);
        char *text = json_dumps(json, JSON_COMPACT | JSON_SORT_KEYS);
        assert_non_null(text);
        sk_buf_add_format(out, "%s\n", text);
        free(text);
        json_decref(json);
}

typedef struct reading {
        sk_map *calls; /* sk_buf by topic and call */
        sk_log_tool *tool;
        const char *topics[128];
        size_t topic_count;
        size_t records;
} reading;

static bool take_record(void *self, const sk_log_entry *entry) {
        reading *r = self;
        char key[400];
        sk_slice call = sk_headers_find(entry->headers, "ce_callid");

        (void)snprintf(key, sizeof(key), "%.*s %.*s", (int)entry->topic.len, entry->topic.at, (int)call.len, call.at);
        sk_buf *text = sk_map_get(r->calls, sk_slice_of(key));
        if (text == NULL) {
                text = sk_alloc_zero(1, sizeof(*text));
                assert_non_null(text);
                *text = sk_buf_make(CALL_BYTES_MAX);
                assert_int_equal(sk_map_put(r->calls, sk_slice_of(key), text, NULL), SK_OK);
        }
        add_headers(entry->headers, text);
        add_value(entry->value, text);
        assert_int_equal(text->err, SK_OK);
        r->records++;
        return true;
}

static bool take_topic(void *self, const sk_log_topic_info *info) {
        reading *r = self;
        char *name = strndup(info->topic.at, info->topic.len);

        /* How the journal is packed is the log's affair, and what it says stands in the others. */
        if (strstr(name, ".journal") != NULL || info->partition > 0) {
                free(name);
                return true;
        }
        assert_true(r->topic_count < sizeof(r->topics) / sizeof(r->topics[0]));
        r->topics[r->topic_count++] = name;
        return true;
}

static void read_all(reading *r, const char *log) {
        char why[SK_LOG_WHY_MAX] = "";

        *r = (reading){.calls = sk_map_new()};
        if (sk_log_tool_open(log, SK_LOG_READ, why, &r->tool) != SK_OK)
                fail_msg("%s", why);
        assert_int_equal(sk_log_tool_topics(r->tool, SK_SLICE("automatic."), take_topic, r), SK_OK);
        for (size_t i = 0; i < r->topic_count; i++)
                records_read(r->tool, r->topics[i], take_record, r);
        sk_log_tool_free(r->tool);
}

static void free_all(reading *r) {
        size_t position = 0;
        sk_slice key;
        void *text;

        while (sk_map_next(r->calls, &position, &key, &text)) {
                sk_buf_free(text);
                sk_free(text);
        }
        sk_map_free(r->calls);
        for (size_t i = 0; i < r->topic_count; i++)
                free((void *)(uintptr_t)r->topics[i]);
}

static void print_difference(sk_slice key, sk_slice one, sk_slice two) {
        size_t at = 0;

        while (at < one.len && at < two.len && one.at[at] == two.at[at])
                at++;
        while (at > 0 && one.at[at - 1] != '\n')
                at--;
        fail_msg("%.*s:\nlocal: %.*s\nkafka: %.*s", (int)key.len, key.at,
                 (int)(one.len - at > 3000 ? 3000 : one.len - at), one.at + at,
                 (int)(two.len - at > 3000 ? 3000 : two.len - at), two.at + at);
}

static void compare(const reading *local, const reading *kafka) {
        size_t position = 0;
        sk_slice key;
        void *text;

        assert_int_equal(local->records, kafka->records);
        assert_int_equal(sk_map_count(local->calls), sk_map_count(kafka->calls));
        while (sk_map_next(local->calls, &position, &key, &text)) {
                const sk_buf *other = sk_map_get(kafka->calls, key);
                if (other == NULL)
                        fail_msg("Kafka has no %.*s", (int)key.len, key.at);
                if (!sk_slice_equal(sk_buf_slice(text), sk_buf_slice(other)))
                        print_difference(key, sk_buf_slice(text), sk_buf_slice(other));
        }
        print_message("%zu records about %zu calls on their topics are the same\n", local->records,
                      sk_map_count(local->calls));
}

/* ---- the report ---- */

/* Takes the columns out that are times; the head of the table names them. */
static void without_times(char *csv) {
        bool is_time[64] = {false};
        char *to = csv;
        const char *name = csv;
        size_t column = 0;
        bool is_quoted = false;
        bool is_head = true;

        for (const char *at = csv; *at != '\0'; at++) {
                bool is_end = !is_quoted && (*at == ',' || *at == '\n');
                is_quoted ^= *at == '"';
                if (is_end && is_head)
                        is_time[column] = at - name > 2 && strncmp(at - 2, "_s", 2) == 0;
                if (is_end || !is_time[column])
                        *to++ = *at;
                if (!is_end)
                        continue;
                is_head = is_head && *at != '\n';
                column = *at == '\n' ? 0 : column + 1;
                name = at + 1;
                assert_true(column < 64);
        }
        *to = '\0';
}

static char *report(const char *log, const char *by) {
        const char *file = folder_file(&f.folder, "report");
        const char *const words[] = {"report", "-C", f.chain_dir, "--log", log, "--csv", "--by", by, NULL};

        assert_int_equal(schakel(words, file), 0);
        char *text = read_file(file);
        without_times(text);
        return text;
}

static void reports_compare(const char *local, const char *kafka) {
        static const char *const by[] = {"workflow", "process", "instruction", "line"};

        for (size_t i = 0; i < sizeof(by) / sizeof(by[0]); i++) {
                char *one = report(local, by[i]);
                char *two = report(kafka, by[i]);
                assert_true(strlen(one) > 100);
                assert_string_equal(one, two);
                free(one);
                free(two);
        }
}

static void test_the_incidents_become_the_same_calls_events_and_report(void **state) {
        char local[FOLDER_PATH_MAX + 64];
        reading on_local;
        reading on_kafka;

        (void)state;
        kafka_links_chain(&f, "automatic", "automatic", "");
        (void)snprintf(local, sizeof(local), "local:%s/local.db", f.folder.path);
        links_start(local);
        replay(local);
        kafka_links_stop(&f);
        f.count = 0;
        for (size_t i = 0; i < TEAMS; i++)
                (void)kafka_links_start(&f, teams[i], "a", NULL);
        kafka_links_await_ready(&f);
        replay(f.cluster.url);
        kafka_links_stop(&f);

        read_all(&on_local, local);
        read_all(&on_kafka, f.cluster.url);
        compare(&on_local, &on_kafka);
        free_all(&on_local);
        free_all(&on_kafka);

        reports_compare(local, f.cluster.url);
}

static int end_of_test(void **state) {
        (void)state;
        kafka_links_end(&f);
        return 0;
}

static int setup(void **state) {
        (void)state;
        kafka_links_share(&f);
        return 0;
}

static int teardown(void **state) {
        (void)state;
        kafka_links_down(&f);
        return 0;
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_teardown(test_the_incidents_become_the_same_calls_events_and_report, end_of_test),
        };

        return cmocka_run_group_tests_name("kafka_replay", tests, setup, teardown);
}
