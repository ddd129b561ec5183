/*
 * Tickets in Zammad, by its REST interface: POST /api/v1/tickets, with an access token. A ticket's title ends with the key of
 * its try; what is there already under that key (GET /api/v1/tickets/search) is not made again. Zammad finds a new ticket
 * some seconds after it was made, so that the pause between two tries should be longer than that.
 */
#include <curl/curl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schakel/plugin.h"

#define BODY_MAX ((size_t)1 << 20)
#define TOKEN_MAX 512
#define CONNECT_S 10L

enum { OPTION_URL, OPTION_TOKEN, OPTION_GROUP, OPTION_CUSTOMER, OPTION_CA };

static const schakel_plugin_option options[] = {
        {"url", SCHAKEL_PLUGIN_TEXT, NULL, "Where Zammad is, such as `https://help.example.org`."},
        {"token_file", SCHAKEL_PLUGIN_FILE, NULL,
         "A file with an access token that has the permission `ticket.agent`."},
        {"group", SCHAKEL_PLUGIN_TEXT, NULL, "The group that gets the ticket, unless the input has `group`."},
        {"customer", SCHAKEL_PLUGIN_TEXT, NULL, "Login or address of whom it is for, unless the input has `customer`."},
        {"ca_file", SCHAKEL_PLUGIN_FILE, "", "Certificates that are trusted instead of the system's, PEM."},
        {0}};

typedef struct zammad {
        CURL *curl;
        struct curl_slist *headers;
        char *url;
        char *group;
        char *customer;
        char fault[CURL_ERROR_SIZE];
        char *body; /* of the last answer */
        size_t body_len;
        char code[32];
        char text[600];
        char value[200];
} zammad;

/* ---- requests ---- */

static size_t on_body(char *bytes, size_t size, size_t count, void *self) {
        zammad *z = self;
        size_t len = size * count;
        char *more = len > BODY_MAX - z->body_len ? NULL : realloc(z->body, z->body_len + len + 1);

        if (more == NULL)
                return CURL_WRITEFUNC_ERROR;
        z->body = more;
        memcpy(z->body + z->body_len, bytes, len);
        z->body_len += len;
        z->body[z->body_len] = '\0';
        return len;
}

/* What it answers to a POST of @p sent, or to a GET when that is NULL; 0: nothing. */
static long ask(zammad *z, const char *path, const char *sent) {
        char *url = NULL;
        long status = 0;
        size_t room = strlen(z->url) + strlen(path) + 1;

        z->body_len = 0;
        z->fault[0] = '\0';
        url = malloc(room);
        if (url == NULL)
                return 0;
        (void)snprintf(url, room, "%s%s", z->url, path);
        (void)curl_easy_setopt(z->curl, CURLOPT_URL, url);
        /* On a connection that was used before and breaks, curl sends anew by itself: two tickets. */
        (void)curl_easy_setopt(z->curl, CURLOPT_FRESH_CONNECT, sent == NULL ? 0L : 1L);
        if (sent == NULL) {
                (void)curl_easy_setopt(z->curl, CURLOPT_HTTPGET, 1L);
        } else {
                (void)curl_easy_setopt(z->curl, CURLOPT_POST, 1L);
                (void)curl_easy_setopt(z->curl, CURLOPT_POSTFIELDS, sent);
                (void)curl_easy_setopt(z->curl, CURLOPT_POSTFIELDSIZE, (long)strlen(sent));
        }
        if (curl_easy_perform(z->curl) == CURLE_OK)
                (void)curl_easy_getinfo(z->curl, CURLINFO_RESPONSE_CODE, &status);
        free(url);
        return status;
}

/* ---- what comes of it ---- */

static int may_help(long status) {
        return status == 0 || status == 408 || status == 425 || status == 429 || status >= 500;
}

static schakel_plugin_result refuse(zammad *z, long status, schakel_plugin_answer *answer) {
        curl_off_t after_s = 0;

        answer->code = z->code;
        answer->text = z->text;
        if (status == 0) {
                (void)snprintf(z->code, sizeof(z->code), "transport");
                (void)snprintf(z->text, sizeof(z->text), "%s: %s", z->url, z->fault);
                return SCHAKEL_PLUGIN_RETRY;
        }
        (void)snprintf(z->code, sizeof(z->code), "http-%ld", status);
        (void)snprintf(z->text, sizeof(z->text), "%s", z->body_len == 0 ? "" : z->body);
        if (!may_help(status))
                return SCHAKEL_PLUGIN_FAILED;
        if (curl_easy_getinfo(z->curl, CURLINFO_RETRY_AFTER, &after_s) == CURLE_OK && after_s > 0 && after_s <= 86400)
                answer->retry_after_ms = (int64_t)after_s * 1000;
        return SCHAKEL_PLUGIN_RETRY;
}

static schakel_plugin_result fail(schakel_plugin_answer *answer, const char *code, const char *text) {
        answer->code = code;
        answer->text = text;
        return SCHAKEL_PLUGIN_FAILED;
}

/* The result of the activity: what the ticket is called. */
static schakel_plugin_result tell(zammad *z, const json_t *ticket, int was_there, schakel_plugin_answer *answer) {
        const json_t *id = json_object_get(ticket, "id");
        const char *number = json_string_value(json_object_get(ticket, "number"));

        if (!json_is_integer(id) || number == NULL || strspn(number, "0123456789") != strlen(number) ||
            strlen(number) > 40)
                return fail(answer, "bad-answer", "what answers there is no Zammad: it names no ticket");
        (void)snprintf(z->value, sizeof(z->value), "{\"id\":%lld,\"number\":\"%s\",\"was_there\":%s}",
                       (long long)json_integer_value(id), number, was_there ? "true" : "false");
        answer->value = z->value;
        return SCHAKEL_PLUGIN_DONE;
}

/* ---- what is there ---- */

static int ends_with(const char *text, const char *end) {
        size_t len = text == NULL ? 0 : strlen(text);

        return len >= strlen(end) && strcmp(text + len - strlen(end), end) == 0;
}

/* Zammad's search finds more than what was asked for: the title decides. */
static const json_t *ticket_find(const json_t *answer, const char *mark) {
        json_t *tickets = json_object_get(json_object_get(answer, "assets"), "Ticket");
        const char *id;
        json_t *ticket;

        json_object_foreach(tickets, id, ticket) {
                if (ends_with(json_string_value(json_object_get(ticket, "title")), mark))
                        return ticket;
        }
        return NULL;
}

/* 200: *out is the answer, to be released. */
static long search(zammad *z, const char *key, json_t **out) {
        char words[200];
        char path[700];
        long status = 0;

        (void)snprintf(words, sizeof(words), "title:\"%s\"", key);
        char *encoded = curl_easy_escape(z->curl, words, 0);
        if (encoded == NULL)
                return 0;
        int len = snprintf(path, sizeof(path), "/api/v1/tickets/search?query=%s&limit=10", encoded);
        curl_free(encoded);
        if (len > 0 && (size_t)len < sizeof(path))
                status = ask(z, path, NULL);
        if (status == 200)
                *out = json_loadb(z->body_len == 0 ? "" : z->body, z->body_len, 0, NULL);
        return status;
}

/* ---- a new one ---- */

static const char *text_of(const json_t *input, const char *name, const char *otherwise) {
        const char *text = json_string_value(json_object_get(input, name));

        return text == NULL ? otherwise : text;
}

/* New, to be freed; NULL: without memory, or a text is bad. */
static char *ticket_text(const zammad *z, const char *title, const json_t *input) {
        const char *body = text_of(input, "body", "");
        json_t *ticket = json_pack("{s:s,s:s,s:s,s:{s:s,s:s,s:s,s:b}}", "title", title, "group",
                                   text_of(input, "group", z->group), "customer",
                                   text_of(input, "customer", z->customer), "article", "subject", title, "body",
                                   body[0] == '\0' ? title : body, "type", "note", "internal", 0);
        char *text = ticket == NULL ? NULL : json_dumps(ticket, JSON_COMPACT);

        json_decref(ticket);
        return text;
}

static schakel_plugin_result create(zammad *z, const char *title, const json_t *input, schakel_plugin_answer *answer) {
        char *text = ticket_text(z, title, input);
        long status = text == NULL ? 0 : ask(z, "/api/v1/tickets", text);

        free(text);
        if (status != 201 && status != 200)
                return refuse(z, status, answer);
        json_t *ticket = json_loadb(z->body_len == 0 ? "" : z->body, z->body_len, 0, NULL);
        schakel_plugin_result result = tell(z, ticket, 0, answer);
        json_decref(ticket);
        return result;
}

static schakel_plugin_result find_or_create(zammad *z, const char *key, const json_t *input,
                                            schakel_plugin_answer *answer) {
        char mark[200];
        char title[400];
        json_t *found = NULL;
        long status = search(z, key, &found);

        (void)snprintf(mark, sizeof(mark), " [%s]", key);
        (void)snprintf(title, sizeof(title), "%.180s%s", text_of(input, "title", "A call"), mark);
        if (status != 200)
                return refuse(z, status, answer);
        if (!json_is_object(found)) {
                json_decref(found);
                return fail(answer, "bad-answer", "what answers there is no Zammad: its search gives no object");
        }
        const json_t *ticket = ticket_find(found, mark);
        schakel_plugin_result result = ticket != NULL ? tell(z, ticket, 1, answer) : create(z, title, input, answer);
        json_decref(found);
        return result;
}

static schakel_plugin_result zammad_handle(void *state, const schakel_plugin_call *call,
                                           schakel_plugin_answer *answer) {
        zammad *z = state;
        json_t *input = json_loadb(call->input, call->input_len, 0, NULL);
        schakel_plugin_result result;

        if (json_is_object(input))
                result = find_or_create(z, call->key, input, answer);
        else
                result = fail(answer, "bad-input", "the input is no object: say in \"in\" what title and body are");
        json_decref(input);
        return result;
}

/* ---- beginning ---- */

static void zammad_exit(void *state) {
        zammad *z = state;

        curl_easy_cleanup(z->curl);
        curl_slist_free_all(z->headers);
        free(z->url);
        free(z->group);
        free(z->customer);
        free(z->body);
        free(z);
}

static const char *header_add(zammad *z, const char *header) {
        struct curl_slist *more = curl_slist_append(z->headers, header);

        if (more == NULL)
                return "no memory is left";
        z->headers = more;
        return NULL;
}

static const char *token_take(zammad *z, const char *path) {
        char token[TOKEN_MAX] = "";
        char header[TOKEN_MAX + 40];
        FILE *file = fopen(path, "re");

        if (file == NULL)
                return "token_file: it cannot be read";
        char *line = fgets(token, sizeof(token), file);
        (void)fclose(file);
        token[strcspn(token, "\r\n")] = '\0';
        if (line == NULL || token[0] == '\0')
                return "token_file: it is empty";
        (void)snprintf(header, sizeof(header), "Authorization: Token token=%s", token);
        return header_add(z, header);
}

static void curl_settle(zammad *z, const char *ca) {
        (void)curl_easy_setopt(z->curl, CURLOPT_HTTPHEADER, z->headers);
        (void)curl_easy_setopt(z->curl, CURLOPT_WRITEFUNCTION, on_body);
        (void)curl_easy_setopt(z->curl, CURLOPT_WRITEDATA, z);
        (void)curl_easy_setopt(z->curl, CURLOPT_ERRORBUFFER, z->fault);
        (void)curl_easy_setopt(z->curl, CURLOPT_NOSIGNAL, 1L);
        (void)curl_easy_setopt(z->curl, CURLOPT_CONNECTTIMEOUT, CONNECT_S);
        (void)curl_easy_setopt(z->curl, CURLOPT_USERAGENT, "schakel");
        if (ca[0] != '\0')
                (void)curl_easy_setopt(z->curl, CURLOPT_CAINFO, ca);
}

static const char *settle(zammad *z, const char *const *values) {
        const char *wrong = token_take(z, values[OPTION_TOKEN]);

        if (wrong != NULL)
                return wrong;
        if (strncmp(values[OPTION_URL], "https://", 8) != 0 && strncmp(values[OPTION_URL], "http://", 7) != 0)
                return "url: it begins with https:// or http://";
        z->url = strdup(values[OPTION_URL]);
        z->group = strdup(values[OPTION_GROUP]);
        z->customer = strdup(values[OPTION_CUSTOMER]);
        z->curl = curl_easy_init();
        if (z->url == NULL || z->group == NULL || z->customer == NULL || z->curl == NULL)
                return "no memory is left";
        for (size_t len = strlen(z->url); len > 0 && z->url[len - 1] == '/'; len--)
                z->url[len - 1] = '\0';
        wrong = header_add(z, "Content-Type: application/json");
        curl_settle(z, values[OPTION_CA]);
        return wrong;
}

static const char *zammad_init(const char *const *values, void **state) {
        zammad *z = calloc(1, sizeof(*z));
        const char *wrong = z == NULL ? "no memory is left" : settle(z, values);

        if (wrong != NULL && z != NULL)
                zammad_exit(z);
        else
                *state = z;
        return wrong;
}

const schakel_plugin_descriptor schakel_plugin = {.abi = SCHAKEL_PLUGIN_ABI,
                                                  .name = "zammad",
                                                  .about = "Makes a ticket in Zammad for each call, once.",
                                                  .options = options,
                                                  .init = zammad_init,
                                                  .handle = zammad_handle,
                                                  .exit = zammad_exit};
