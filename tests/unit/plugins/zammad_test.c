/*
 * Tickets in a stand-in for Zammad, which answers as its documentation says: what is asked of it, what comes of each answer,
 * and that a key gets one ticket.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <jansson.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "support/one_plugin.h"

#define TICKETS_MAX 8

typedef struct stand_in {
        struct MHD_Daemon *server;
        unsigned port;
        unsigned status; /* what it answers instead; 0: what it should */
        const char *instead;
        bool is_forgetful; /* its answer to a POST does not arrive */
        char titles[TICKETS_MAX][256];
        unsigned count;
        char token[128];
        char query[256];
        char body[4096];
        size_t body_len;
} stand_in;

static one_plugin b;
static stand_in z;
static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER; /* the server's thread and the test's take turns at z */

/* ---- the stand-in ---- */

static enum MHD_Result say(struct MHD_Connection *connection, unsigned status, const char *text) {
        struct MHD_Response *response =
                MHD_create_response_from_buffer(strlen(text), (void *)(uintptr_t)text, MHD_RESPMEM_MUST_COPY);
        (void)MHD_add_response_header(response, "Content-Type", "application/json");
        if (status == 503)
                (void)MHD_add_response_header(response, "Retry-After", "7");
        enum MHD_Result result = MHD_queue_response(connection, status, response);
        MHD_destroy_response(response);
        return result;
}

/* As a full-text search does, it finds every ticket, whatever it is asked. */
static enum MHD_Result search(struct MHD_Connection *connection) {
        char text[4096] = "";
        size_t len = 0;
        const char *query = MHD_lookup_connection_value(connection, MHD_GET_ARGUMENT_KIND, "query");

        (void)snprintf(z.query, sizeof(z.query), "%s", query == NULL ? "" : query);
        for (unsigned i = 0; i < z.count; i++)
                len += (size_t)snprintf(text + len, sizeof(text) - len,
                                        "%s\"%u\":{\"id\":%u,\"number\":\"2200%u\",\"title\":\"%s\"}",
                                        i == 0 ? "" : ",", i + 1, i + 1, i + 1, z.titles[i]);
        char whole[5000];
        (void)snprintf(whole, sizeof(whole), "{\"tickets\":[],\"tickets_count\":0,\"assets\":{\"Ticket\":{%s}}}", text);
        return say(connection, 200, whole);
}

static enum MHD_Result create(struct MHD_Connection *connection) {
        char text[200];
        json_t *ticket = json_loadb(z.body, z.body_len, 0, NULL);
        const char *title = json_string_value(json_object_get(ticket, "title"));

        if (title == NULL || z.count == TICKETS_MAX) {
                json_decref(ticket);
                return say(connection, 422, "{\"error\":\"no title\"}");
        }
        (void)snprintf(z.titles[z.count++], sizeof(z.titles[0]), "%s", title);
        json_decref(ticket);
        (void)snprintf(text, sizeof(text), "{\"id\":%u,\"number\":\"2200%u\"}", z.count, z.count);
        return z.is_forgetful ? MHD_NO : say(connection, 201, text);
}

static enum MHD_Result answer(struct MHD_Connection *connection, const char *path, const char *method,
                              const char *upload, size_t *upload_len, void **request) {
        const char *token = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Authorization");

        if (*request == NULL) {
                *request = &z;
                z.body_len = 0;
                return MHD_YES;
        }
        if (*upload_len > 0) {
                size_t room = sizeof(z.body) - 1 - z.body_len;
                size_t len = *upload_len < room ? *upload_len : room;
                memcpy(z.body + z.body_len, upload, len);
                z.body_len += len;
                *upload_len = 0;
                return MHD_YES;
        }
        z.body[z.body_len] = '\0';
        (void)snprintf(z.token, sizeof(z.token), "%s", token == NULL ? "" : token);
        if (z.status != 0)
                return say(connection, z.status, z.instead);
        if (strcmp(method, "GET") == 0 && strcmp(path, "/api/v1/tickets/search") == 0)
                return search(connection);
        if (strcmp(method, "POST") == 0 && strcmp(path, "/api/v1/tickets") == 0)
                return create(connection);
        return say(connection, 404, "{\"error\":\"not there\"}");
}

static enum MHD_Result on_request(void *self, struct MHD_Connection *connection, const char *path, const char *method,
                                  const char *version, const char *upload, size_t *upload_len, void **request) {
        (void)self;
        (void)version;
        (void)pthread_mutex_lock(&turn);
        enum MHD_Result result = answer(connection, path, method, upload, upload_len, request);
        (void)pthread_mutex_unlock(&turn);
        return result;
}

static void server_begin(void) {
        struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};

        z.server = MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD, 0, NULL, NULL, on_request, NULL,
                                    MHD_OPTION_SOCK_ADDR, (struct sockaddr *)&address, MHD_OPTION_END);
        assert_non_null(z.server);
        z.port = MHD_get_daemon_info(z.server, MHD_DAEMON_INFO_BIND_PORT)->port;
}

/* ---- the plug-in ---- */

/* While the plug-in is asked, and only then, the server's thread is at z. */
static schakel_plugin_result ask(const char *key, const char *input) {
        (void)pthread_mutex_unlock(&turn);
        schakel_plugin_result result = one_plugin_call(&b, key, input);
        (void)pthread_mutex_lock(&turn);
        return result;
}

static const char *begin(void) {
        char config[300];

        (void)snprintf(config, sizeof(config),
                       "{\"url\":\"http://127.0.0.1:%u/\",\"token_file\":\"token\",\"group\":\"2nd Level\","
                       "\"customer\":\"david@example.com\"}",
                       z.port);
        return one_plugin_begin(&b, config);
}

static void token_write(const char *text) {
        FILE *file = fopen(folder_file(&b.folder, "token"), "w");

        assert_non_null(file);
        (void)fputs(text, file);
        (void)fclose(file);
}

static int setup(void **state) {
        (void)state;
        memset(&z, 0, sizeof(z));
        one_plugin_open(&b, "zammad");
        server_begin();
        token_write("secret\n");
        (void)pthread_mutex_lock(&turn);
        return 0;
}

static int teardown(void **state) {
        (void)state;
        (void)pthread_mutex_unlock(&turn);
        one_plugin_close(&b);
        if (z.server != NULL)
                MHD_stop_daemon(z.server);
        return 0;
}

#define INPUT "{\"title\":\"Help me!\",\"body\":\"It \\\"burns\\\"\"}"

static void a_ticket_is_made_as_zammad_wants_it(void **state) {
        (void)state;
        assert_null(begin());
        assert_int_equal(ask("k/1", INPUT), SCHAKEL_PLUGIN_DONE);
        assert_string_equal(b.answer.value, "{\"id\":1,\"number\":\"22001\",\"was_there\":false}");
        assert_string_equal(z.token, "Token token=secret");
        assert_string_equal(z.query, "title:\"k/1\"");
        assert_string_equal(z.body, "{\"title\":\"Help me! [k/1]\",\"group\":\"2nd Level\",\"customer\":"
                                    "\"david@example.com\",\"article\":{\"subject\":\"Help me! [k/1]\",\"body\":"
                                    "\"It \\\"burns\\\"\",\"type\":\"note\",\"internal\":false}}");
}

static void the_input_may_name_group_and_customer(void **state) {
        (void)state;
        assert_null(begin());
        assert_int_equal(ask("k/1", "{\"group\":\"Sales\",\"customer\":\"eva\"}"), SCHAKEL_PLUGIN_DONE);
        assert_non_null(strstr(z.body, "\"group\":\"Sales\",\"customer\":\"eva\""));
}

static void a_key_gets_one_ticket_though_the_answer_was_lost(void **state) {
        (void)state;
        assert_null(begin());
        assert_int_equal(ask("other/k/1", INPUT), SCHAKEL_PLUGIN_DONE);
        z.is_forgetful = true;
        assert_int_equal(ask("k/1", INPUT), SCHAKEL_PLUGIN_RETRY);
        assert_string_equal(b.answer.code, "transport");
        z.is_forgetful = false;
        assert_int_equal(ask("k/1", INPUT), SCHAKEL_PLUGIN_DONE);
        assert_string_equal(b.answer.value, "{\"id\":2,\"number\":\"22002\",\"was_there\":true}");
        assert_int_equal(z.count, 2);
}

static void each_answer_has_its_meaning(void **state) {
        static const struct {
                unsigned status;
                const char *instead;
                schakel_plugin_result result;
                const char *code;
        } cases[] = {
                {401, "{\"error\":\"Authentication required\"}", SCHAKEL_PLUGIN_FAILED, "http-401"},
                {403, "{}", SCHAKEL_PLUGIN_FAILED, "http-403"},
                {422, "{\"error\":\"no\"}", SCHAKEL_PLUGIN_FAILED, "http-422"},
                {429, "{}", SCHAKEL_PLUGIN_RETRY, "http-429"},
                {500, "", SCHAKEL_PLUGIN_RETRY, "http-500"},
                {503, "busy", SCHAKEL_PLUGIN_RETRY, "http-503"},
                {200, "<html>", SCHAKEL_PLUGIN_FAILED, "bad-answer"},
                {200, "[]", SCHAKEL_PLUGIN_FAILED, "bad-answer"},
        };

        (void)state;
        assert_null(begin());
        for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
                z.status = cases[i].status;
                z.instead = cases[i].instead;
                assert_int_equal(ask("k/1", INPUT), cases[i].result);
                assert_string_equal(b.answer.code, cases[i].code);
                assert_int_equal(b.answer.retry_after_ms, cases[i].status == 503 ? 7000 : 0);
        }
        assert_int_equal(z.count, 0);
}

static void nobody_there_is_tried_again(void **state) {
        (void)state;
        assert_null(begin());
        MHD_stop_daemon(z.server);
        z.server = NULL;
        assert_int_equal(ask("k/1", INPUT), SCHAKEL_PLUGIN_RETRY);
        assert_string_equal(b.answer.code, "transport");
        assert_non_null(strstr(b.answer.text, "127.0.0.1"));
}

static void what_cannot_work_is_said_at_its_beginning(void **state) {
        (void)state;
        token_write("");
        assert_string_equal(begin(), "token_file: it is empty");
        token_write("secret");
        assert_string_equal(
                one_plugin_begin(&b,
                                 "{\"url\":\"ftp://x\",\"token_file\":\"token\",\"group\":\"g\",\"customer\":\"c\"}"),
                "url: it begins with https:// or http://");
        assert_null(begin());
        assert_int_equal(ask("k/1", "3"), SCHAKEL_PLUGIN_FAILED);
        assert_string_equal(b.answer.code, "bad-input");
}

int main(void) {
#define CASE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
        const struct CMUnitTest tests[] = {CASE(a_ticket_is_made_as_zammad_wants_it),
                                           CASE(the_input_may_name_group_and_customer),
                                           CASE(a_key_gets_one_ticket_though_the_answer_was_lost),
                                           CASE(each_answer_has_its_meaning),
                                           CASE(nobody_there_is_tried_again),
                                           CASE(what_cannot_work_is_said_at_its_beginning)};
        return cmocka_run_group_tests(tests, NULL, NULL);
}
