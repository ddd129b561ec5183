/*
 * What runs here: the program and the libraries that it was built with.
 */
#include <jansson.h>
#include <microhttpd.h>
#include <sodium.h>
#include <sqlite3.h>
#include <uv.h>
#include <zlib.h>

#ifdef SK_HAVE_RDKAFKA
#include <librdkafka/rdkafka.h>
#endif

#include "cli/cli.h"
#include "usm/method.h"

#ifndef SK_VERSION
#define SK_VERSION "unknown"
#endif

static const char *kafka_version(void) {
#ifdef SK_HAVE_RDKAFKA
        return rd_kafka_version_str();
#else
        return NULL; /* shown as not built in */
#endif
}

typedef struct library {
        const char *name;
        const char *(*version)(void);
} library;

static const library libraries[] = {
        {"jansson", jansson_version_str},
        {"libmicrohttpd", MHD_get_version},
        {"librdkafka", kafka_version},
        {"libsodium", sodium_version_string},
        {"libuv", uv_version_string},
        {"SQLite", sqlite3_libversion},
        {"zlib", zlibVersion},
};

#define LIBRARIES (sizeof(libraries) / sizeof(libraries[0]))

static int json_print(sk_cli *cli) {
        sk_json_writer *json = sk_cli_json_begin(cli);
        sk_json_open_object(json, NULL);
        sk_json_put_cstr(json, "version", SK_VERSION);
        sk_json_put_int(json, "method_revision", SK_METHOD_REVISION);
        sk_json_open_object(json, "libraries");
        for (size_t i = 0; i < LIBRARIES; i++) {
                const char *version = libraries[i].version();
                if (version == NULL)
                        sk_json_put_null(json, libraries[i].name);
                else
                        sk_json_put_cstr(json, libraries[i].name, version);
        }
        sk_json_close_object(json);
        sk_json_close_object(json);
        return sk_cli_json_end(cli);
}

static int version_run(sk_cli *cli, int argc, char **argv) {
        (void)argc;
        (void)argv;
        if (sk_cli_is_json(cli))
                return json_print(cli);
        sk_cli_print(cli, "schakel %s (method revision %d)\n", SK_VERSION, SK_METHOD_REVISION);
        for (size_t i = 0; i < LIBRARIES; i++) {
                const char *version = libraries[i].version();
                sk_cli_print(cli, "  %-14s %s\n", libraries[i].name, version == NULL ? "not built in" : version);
        }
        return SK_EXIT_OK;
}

const sk_command sk_command_version = {
        .name = "version",
        .text = "print the version and those of the libraries",
        .example = "schakel version --json",
        .run = version_run,
};
