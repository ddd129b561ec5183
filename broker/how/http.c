/*
 * libcurl's multi interface in the loop. A request is begun and ended here; what cannot be begun is told from a timer, never
 * from within the beginning. curl asks to be told of its sockets and of one timer.
 */
#include "how/http.h"

#include <assert.h>
#include <curl/curl.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "how/circuit.h"
#include "how/http_ask.h"
#include "how/http_end.h"
#include "kit/alloc.h"

#define MAGIC 0x477B0051u
#define ARENA_BYTES ((size_t)4 << 20)
#define SECRET_MAX 8192
#define CONNECT_MS 10000L
#define CONNECTIONS_MAX 256L

/** A request underway, or one that could not be begun. */
typedef struct request {
        struct request *next;
        struct http *http;
        sk_id callid;
        uint32_t visit;
        uint8_t try_number;
        CURL *easy; /* NULL: it could not be begun */
        struct curl_slist *headers;
        sk_buf sent; /* the body; curl reads it while it sends */
        sk_buf body;
        bool is_too_long;
        char fault[CURL_ERROR_SIZE];
        sk_effect_result result; /* of one that could not be begun */
        const char *code;        /* static */
        const char *why;         /* static */
        int64_t wait_us;
        char host[256];
} request;

/** A socket of curl's. */
typedef struct watched {
        uv_poll_t poll;
        struct http *http;
        curl_socket_t socket;
} watched;

typedef struct http {
        uint32_t magic;
        uv_loop_t *loop;
        char team[64];
        char chain_dir[PATH_MAX];
        sk_how_ended *ended;
        void *self;
        CURLM *multi;
        uv_timer_t curl_timer;
        uv_timer_t timer; /* tells what could not be begun */
        request *requests;
        sk_circuits *circuits;
        sk_arena *arena;
        unsigned handles; /* not closed yet */
        bool is_closed;
} http;

static void curl_begin(void) {
        (void)curl_global_init(CURL_GLOBAL_DEFAULT);
}

static int64_t clock_of(clockid_t id) {
        struct timespec now;

        (void)clock_gettime(id, &now);
        return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* ---- requests ---- */

static void request_free(request *one) {
        if (one->easy != NULL) {
                (void)curl_multi_remove_handle(one->http->multi, one->easy);
                curl_easy_cleanup(one->easy);
        }
        curl_slist_free_all(one->headers);
        sk_buf_free(&one->sent);
        sk_buf_free(&one->body);
        sk_free(one);
}

static void request_take(http *it, request *one) {
        request **at = &it->requests;

        while (*at != one)
                at = &(*at)->next;
        *at = one->next;
}

/* Tells how it ended, and forgets it. */
static void request_end(request *one, sk_effect_report *report) {
        http *it = one->http;

        report->callid = one->callid;
        report->visit = one->visit;
        report->try_number = one->try_number;
        request_take(it, one);
        it->ended(it->self, report);
        request_free(one);
}

static size_t on_body(char *at, size_t size, size_t count, void *self) {
        request *one = self;

        sk_buf_add(&one->body, at, size * count);
        one->is_too_long = one->body.err == SK_ERR_FULL;
        return one->body.err == SK_OK ? size * count : 0;
}

static sk_http_fault fault_of(CURLcode code, const request *one) {
        switch (code) {
        case CURLE_OK:
                return SK_HTTP_ANSWERED;
        case CURLE_COULDNT_RESOLVE_HOST:
        case CURLE_COULDNT_RESOLVE_PROXY:
                return SK_HTTP_NO_HOST;
        case CURLE_COULDNT_CONNECT:
                return SK_HTTP_NO_ACCESS;
        case CURLE_PEER_FAILED_VERIFICATION:
        case CURLE_SSL_CONNECT_ERROR:
        case CURLE_SSL_CERTPROBLEM:
        case CURLE_SSL_CACERT_BADFILE:
        case CURLE_SSL_ISSUER_ERROR:
                return SK_HTTP_NO_TRUST;
        case CURLE_FILESIZE_EXCEEDED:
                return SK_HTTP_TOO_LONG;
        case CURLE_OPERATION_TIMEDOUT:
                return SK_HTTP_TIMEOUT;
        default:
                return one->is_too_long ? SK_HTTP_TOO_LONG : SK_HTTP_BROKEN;
        }
}

static void finish(request *one, CURLcode code) {
        struct curl_header *retry = NULL;
        long status = 0;
        char text[32];
        sk_effect_report report;

        (void)curl_easy_getinfo(one->easy, CURLINFO_RESPONSE_CODE, &status);
        sk_http_end end = {.fault = fault_of(code, one),
                           .status = (unsigned)status,
                           .body = sk_buf_slice(&one->body),
                           .retry_after = SK_NONE,
                           .text = one->fault[0] == '\0' ? curl_easy_strerror(code) : one->fault,
                           .now_us = clock_of(CLOCK_REALTIME)};
        if (curl_easy_header(one->easy, "Retry-After", 0, CURLH_HEADER, -1, &retry) == CURLHE_OK)
                end.retry_after = sk_slice_of(retry->value);
        if (one->is_too_long)
                end.fault = SK_HTTP_TOO_LONG;
        sk_circuit_ended(one->http->circuits, sk_slice_of(one->host),
                         end.fault == SK_HTTP_ANSWERED || end.fault == SK_HTTP_TOO_LONG, clock_of(CLOCK_MONOTONIC));
        sk_http_end_read(&end, text, &report);
        request_end(one, &report);
}

static void look(http *it) {
        CURLMsg *message;
        int left;

        while (!it->is_closed && (message = curl_multi_info_read(it->multi, &left)) != NULL) {
                char *private = NULL;
                if (message->msg != CURLMSG_DONE)
                        continue;
                CURLcode code = message->data.result;
                (void)curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &private);
                finish((request *)(void *)private, code);
        }
}

/* ---- curl in the loop ---- */

static void on_watched_closed(uv_handle_t *handle) {
        watched *one = handle->data;

        one->http->handles--;
        sk_free(one);
}

static void on_poll(uv_poll_t *poll, int status, int events) {
        watched *one = poll->data;
        http *it = one->http;
        int running;
        int what = (events & UV_READABLE ? CURL_CSELECT_IN : 0) | (events & UV_WRITABLE ? CURL_CSELECT_OUT : 0);

        assert(it->magic == MAGIC);
        if (it->is_closed)
                return;
        (void)curl_multi_socket_action(it->multi, one->socket, status < 0 ? CURL_CSELECT_ERR : what, &running);
        look(it);
}

static watched *watch(http *it, curl_socket_t socket) {
        watched *one = sk_alloc_zero(1, sizeof *one);

        if (one == NULL)
                return NULL;
        one->http = it;
        one->socket = socket;
        if (uv_poll_init_socket(it->loop, &one->poll, socket) != 0) {
                sk_free(one);
                return NULL;
        }
        one->poll.data = one;
        it->handles++;
        (void)curl_multi_assign(it->multi, socket, one);
        return one;
}

static int on_socket(CURL *easy, curl_socket_t socket, int what, void *self, void *watching) {
        http *it = self;
        watched *one = watching;

        (void)easy;
        if (what == CURL_POLL_REMOVE) {
                if (one != NULL) {
                        (void)curl_multi_assign(it->multi, socket, NULL);
                        uv_close((uv_handle_t *)&one->poll, on_watched_closed);
                }
                return 0;
        }
        if (one == NULL)
                one = watch(it, socket);
        if (one == NULL)
                return -1;
        int events = (what & CURL_POLL_IN ? UV_READABLE : 0) | (what & CURL_POLL_OUT ? UV_WRITABLE : 0);
        return uv_poll_start(&one->poll, events, on_poll) == 0 ? 0 : -1;
}

static void on_curl_timer(uv_timer_t *timer) {
        http *it = timer->data;
        int running;

        assert(it->magic == MAGIC);
        if (it->is_closed)
                return;
        (void)curl_multi_socket_action(it->multi, CURL_SOCKET_TIMEOUT, 0, &running);
        look(it);
}

static int on_wants_timer(CURLM *multi, long timeout_ms, void *self) {
        http *it = self;

        (void)multi;
        if (it->is_closed)
                return 0;
        if (timeout_ms < 0)
                (void)uv_timer_stop(&it->curl_timer);
        else
                (void)uv_timer_start(&it->curl_timer, on_curl_timer, (uint64_t)timeout_ms, 0);
        return 0;
}

/* ---- beginning ---- */

/* What could not be begun is told now. */
static void on_timer(uv_timer_t *timer) {
        http *it = timer->data;
        request *one = it->requests;

        while (one != NULL && !it->is_closed) {
                if (one->easy != NULL) {
                        one = one->next;
                        continue;
                }
                sk_effect_report report = {.result = one->result,
                                           .value = SK_NONE,
                                           .code = sk_slice_of(one->code),
                                           .text = sk_slice_of(one->why),
                                           .retry_after_us = one->wait_us};
                request_end(one, &report);
                one = it->requests; /* telling may have begun and stopped others */
        }
}

static void cannot(request *one, sk_effect_result result, const char *code, const char *why) {
        one->result = result;
        one->code = code;
        one->why = why;
        (void)uv_timer_start(&one->http->timer, on_timer, 0, 0);
}

/* Files of a work instruction: absolute, or in the team's folder. */
static bool path_of(const http *it, sk_slice path, char out[PATH_MAX]) {
        int len = path.len > 0 && path.at[0] == '/'
                          ? snprintf(out, PATH_MAX, "%.*s", (int)path.len, path.at)
                          : snprintf(out, PATH_MAX, "%s/%s/%.*s", it->chain_dir, it->team, (int)path.len, path.at);

        return path.len > 0 && path.len < PATH_MAX && len > 0 && len < PATH_MAX &&
               memchr(path.at, '\0', path.len) == NULL;
}

static sk_slice read_secret(void *self, sk_slice path) {
        http *it = self;
        char file[PATH_MAX];
        char *text = sk_arena_get(it->arena, SECRET_MAX + 1);
        int fd = text != NULL && path_of(it, path, file) ? open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK) : -1;

        if (fd < 0)
                return SK_NONE;
        ssize_t len = read(fd, text, SECRET_MAX + 1);
        (void)close(fd);
        return len < 0 || len > SECRET_MAX ? SK_NONE : (sk_slice){text, (size_t)len};
}

#define SET(option, value) (curl_easy_setopt(one->easy, option, value) == CURLE_OK)

static bool set_file(request *one, CURLoption option, const char *path) {
        char file[PATH_MAX];

        return path == NULL || (path_of(one->http, sk_slice_of(path), file) && SET(option, file));
}

static bool set_headers(request *one, const sk_http_ask *ask) {
        for (size_t i = 0; i < ask->header_count; i++) {
                struct curl_slist *more = curl_slist_append(one->headers, ask->headers[i]);
                if (more == NULL)
                        return false;
                one->headers = more;
        }
        struct curl_slist *more = curl_slist_append(one->headers, "Expect:"); /* no waiting for a word to go on */
        if (more != NULL)
                one->headers = more;
        return more != NULL && SET(CURLOPT_HTTPHEADER, one->headers);
}

static bool set_body(request *one, const sk_http_ask *ask) {
        if (!sk_slice_there(ask->body))
                return SET(CURLOPT_CUSTOMREQUEST, ask->method);
        sk_buf_add_slice(&one->sent, ask->body);
        return one->sent.err == SK_OK && SET(CURLOPT_POST, 1L) && SET(CURLOPT_CUSTOMREQUEST, ask->method) &&
               SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)one->sent.len) &&
               SET(CURLOPT_POSTFIELDS, one->sent.len == 0 ? "" : one->sent.at);
}

/* When a connection that was used before breaks, curl sends anew by itself: what may happen once gets one of its own. */
static bool set_all(request *one, const sk_effect *effect, const sk_http_ask *ask) {
        long timeout_ms = (long)(effect->timeout_us / 1000 > 0 ? effect->timeout_us / 1000 : 1);

        return SET(CURLOPT_URL, ask->url) && SET(CURLOPT_PROTOCOLS_STR, "http,https") && SET(CURLOPT_NOSIGNAL, 1L) &&
               SET(CURLOPT_FOLLOWLOCATION, 0L) && SET(CURLOPT_PROXY, ask->proxy == NULL ? "" : ask->proxy) &&
               SET(CURLOPT_TIMEOUT_MS, timeout_ms) && SET(CURLOPT_FRESH_CONNECT, effect->is_once ? 1L : 0L) &&
               SET(CURLOPT_CONNECTTIMEOUT_MS, timeout_ms < CONNECT_MS ? timeout_ms : CONNECT_MS) &&
               SET(CURLOPT_WRITEFUNCTION, on_body) && SET(CURLOPT_WRITEDATA, one) && SET(CURLOPT_PRIVATE, one) &&
               SET(CURLOPT_ERRORBUFFER, one->fault) && SET(CURLOPT_USERAGENT, "schakel/" SK_VERSION) &&
               SET(CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)SK_HTTP_BODY_MAX) && set_headers(one, ask) &&
               set_body(one, ask) && set_file(one, CURLOPT_CAINFO, ask->ca) &&
               set_file(one, CURLOPT_SSLCERT, ask->certificate) && set_file(one, CURLOPT_SSLKEY, ask->key);
}

static void start(request *one, const sk_effect *effect) {
        http *it = one->http;
        sk_http_ask ask;

        sk_arena_reset(it->arena);
        sk_err err = sk_http_ask_make(effect, read_secret, it, it->arena, &ask);
        if (err != SK_OK) {
                cannot(one, err == SK_ERR_NO_MEMORY ? SK_EFFECT_RETRY : SK_EFFECT_FAILED, "not-sent", ask.why);
                return;
        }
        if (!sk_circuit_allows(it->circuits, sk_slice_of(one->host), clock_of(CLOCK_MONOTONIC), &one->wait_us)) {
                cannot(one, SK_EFFECT_RETRY, "host-away",
                       "the host has not answered lately, and is left alone for a while");
                return;
        }
        one->easy = curl_easy_init();
        if (one->easy == NULL || !set_all(one, effect, &ask) ||
            curl_multi_add_handle(it->multi, one->easy) != CURLM_OK) {
                curl_easy_cleanup(one->easy);
                one->easy = NULL;
                sk_circuit_ended(it->circuits, sk_slice_of(one->host), true, clock_of(CLOCK_MONOTONIC));
                cannot(one, SK_EFFECT_RETRY, "not-sent", "the request could not be made");
        }
}

static void begin(void *self, const sk_effect *effect) {
        http *it = self;
        request *one = sk_alloc_zero(1, sizeof *one);

        assert(it->magic == MAGIC && !it->is_closed);
        if (one == NULL)
                return; /* its deadline ends it */
        one->http = it;
        one->callid = effect->callid;
        one->visit = effect->visit;
        one->try_number = effect->try_number;
        one->sent = sk_buf_make((size_t)2 << 20);
        one->body = sk_buf_make(SK_HTTP_BODY_MAX);
        (void)snprintf(one->host, sizeof one->host, "%.*s", (int)effect->target.len, effect->target.at);
        one->next = it->requests;
        it->requests = one;
        start(one, effect);
}

static void stop(void *self, const sk_effect *effect) {
        http *it = self;

        assert(it->magic == MAGIC);
        for (request *one = it->requests; one != NULL; one = one->next) {
                if (!sk_id_equal(&one->callid, &effect->callid) || one->visit != effect->visit ||
                    one->try_number != effect->try_number)
                        continue;
                request_take(it, one);
                request_free(one);
                return;
        }
}

/* ---- the port ---- */

static void on_closed(uv_handle_t *handle) {
        http *it = handle->data;

        it->handles--;
}

static void close_port(void *self) {
        http *it = self;

        assert(it->magic == MAGIC && !it->is_closed);
        it->is_closed = true;
        while (it->requests != NULL) {
                request *one = it->requests;
                request_take(it, one);
                request_free(one);
        }
        (void)curl_multi_cleanup(it->multi); /* takes its sockets out of the loop */
        it->multi = NULL;
        uv_close((uv_handle_t *)&it->curl_timer, on_closed);
        uv_close((uv_handle_t *)&it->timer, on_closed);
}

static void free_port(void *self) {
        http *it = self;

        if (it == NULL)
                return;
        assert(it->magic == MAGIC && it->handles == 0);
        sk_circuits_free(it->circuits);
        sk_arena_free(it->arena);
        it->magic = 0;
        sk_free(it);
}

static bool multi_make(http *it) {
        static pthread_once_t begun = PTHREAD_ONCE_INIT;

        (void)pthread_once(&begun, curl_begin);
        it->multi = curl_multi_init();
        return it->multi != NULL && curl_multi_setopt(it->multi, CURLMOPT_SOCKETFUNCTION, on_socket) == CURLM_OK &&
               curl_multi_setopt(it->multi, CURLMOPT_SOCKETDATA, it) == CURLM_OK &&
               curl_multi_setopt(it->multi, CURLMOPT_TIMERFUNCTION, on_wants_timer) == CURLM_OK &&
               curl_multi_setopt(it->multi, CURLMOPT_TIMERDATA, it) == CURLM_OK &&
               curl_multi_setopt(it->multi, CURLMOPT_MAXCONNECTS, CONNECTIONS_MAX) == CURLM_OK;
}

sk_err sk_http_how_new(const sk_http_how_config *config, sk_how_port *out) {
        http *it = sk_alloc_zero(1, sizeof *it);

        assert(config->ended != NULL && out != NULL);
        if (it == NULL)
                return SK_ERR_NO_MEMORY;
        it->circuits = sk_circuits_new();
        it->arena = sk_arena_new(ARENA_BYTES);
        if (it->circuits == NULL || it->arena == NULL || !multi_make(it)) {
                if (it->multi != NULL)
                        (void)curl_multi_cleanup(it->multi);
                sk_circuits_free(it->circuits);
                sk_arena_free(it->arena);
                sk_free(it);
                return SK_ERR_NO_MEMORY;
        }
        it->magic = MAGIC;
        it->loop = config->loop;
        it->ended = config->ended;
        it->self = config->self;
        (void)snprintf(it->team, sizeof it->team, "%s", config->team);
        (void)snprintf(it->chain_dir, sizeof it->chain_dir, "%s", config->chain_dir);
        (void)uv_timer_init(it->loop, &it->curl_timer);
        (void)uv_timer_init(it->loop, &it->timer);
        it->curl_timer.data = it;
        it->timer.data = it;
        it->handles = 2;
        *out = (sk_how_port){.begin = begin, .stop = stop, .close = close_port, .free = free_port, .self = it};
        return SK_OK;
}
