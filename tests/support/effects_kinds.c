#include "support/effects_kinds.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "kit/json_scan.h"

#define HOW_MAX 2048

const char *const effects_teams[TEAMS] = {"office", "shop", "printers"};

static const effects_kind kinds[] = {
        {"copy", SHOP, "exec", "done", AGAIN, "PT20S"},     {"jam", SHOP, "exec", "busy", AGAIN, "PT20S"},
        {"stamp", SHOP, "exec", "done", ONCE, "PT20S"},     {"order", SHOP, "http", "done", AGAIN, "PT20S"},
        {"busy", SHOP, "http", "busy", AGAIN, "PT20S"},     {"later", SHOP, "http", "later", AGAIN, "PT20S"},
        {"late", SHOP, "http", "slow", AGAIN, "PT2S"},      {"pay", SHOP, "http", "done", ONCE, "PT20S"},
        {"slip", SHOP, "http", "slip", ONCE, "PT2S"},       {"voucher", SHOP, "http", "later", ONCE, "PT20S"},
        {"note", SHOP, "ledger", "done", AGAIN, "PT20S"},   {"reminder", SHOP, "ledger", "busy", AGAIN, "PT20S"},
        {"register", SHOP, "register", "", AGAIN, "PT20S"}, {"letter", SHOP, "ledger", "done", ONCE, "PT20S"},
        {"bind", PRINTERS, "exec", "busy", AGAIN, "PT20S"}, {"glue", PRINTERS, "http", "done", ONCE, "PT20S"},
};

#define KINDS (sizeof(kinds) / sizeof(*kinds))

/* One call that is done by several hands, one behind the other. */
static const effects_kind bundle = {"bundle", SHOP, "list", "", AGAIN, ""};
static const char *const bundled[] = {"jam", "stamp", "busy", "letter", "reminder"};

#define BUNDLED (sizeof(bundled) / sizeof(*bundled))

/* ---- which ---- */

const effects_kind *effects_kind_find(sk_slice facility) {
        if (sk_slice_is(facility, bundle.facility))
                return &bundle;
        for (size_t i = 0; i < KINDS; i++)
                if (sk_slice_is(facility, kinds[i].facility))
                        return &kinds[i];
        fail_msg("there is a call for %.*s", (int)facility.len, facility.at);
        return NULL;
}

const effects_kind *effects_kind_of_call(unsigned number) {
        return number % (KINDS + 1) == KINDS ? &bundle : &kinds[number % (KINDS + 1)];
}

const effects_kind *effects_kind_of_action(const effects_kind *whole, sk_slice value) {
        int64_t action = 1;

        if (whole != &bundle)
                return whole;
        if (sk_slice_there(sk_json_member(value, "action")))
                assert_true(sk_json_member_int(value, "action", 1, BUNDLED, &action));
        return effects_kind_find(sk_slice_of(bundled[action - 1]));
}

/* ---- the routines ---- */

static void config_put(const effects_world *world, const effects_kind *of, char *out, size_t size) {
        const char *is_busy = strcmp(of->path, "busy") == 0 ? "true" : "false";

        if (strcmp(of->how, "exec") == 0)
                (void)snprintf(out, size, "\"exec\": {\"command\": [\"programs/tell\", \"%s\"]", of->path);
        else if (strcmp(of->how, "http") == 0)
                (void)snprintf(out, size, "\"http\": {\"url\": \"http://127.0.0.1:%s/%s\"", world->port, of->path);
        else if (strcmp(of->how, "ledger") == 0)
                (void)snprintf(out, size,
                               "\"plugin\": {\"name\": \"ledger\", \"config\": {\"folder\": \"%s\", \"busy\": %s}",
                               world->seen, is_busy);
        else
                (void)snprintf(out, size,
                               "\"plugin\": {\"name\": \"csv-register\", \"config\": {\"file\": \"register.csv\", "
                               "\"columns\": \"need\"}");
}

static void routine_write(const char *chain_dir, const effects_kind *of, unsigned team, const char *how) {
        char path[2 * FOLDER_PATH_MAX];

        (void)snprintf(path, sizeof(path), "%s/%s/routines/%s.json", chain_dir, effects_teams[team], of->facility);
        FILE *file = fopen(path, "w");
        assert_non_null(file);
        (void)fprintf(
                file,
                "{\"title\": \"Work\", \"process\": \"operate\", \"select\": {\"facility\": \"%s\"}, \"activities\": "
                "{\"operate.accept\": {\"how\": \"auto\"}, \"operate.classify\": {\"how\": \"auto\"}, "
                "\"operate.plan\": {\"how\": \"auto\"}, \"operate.review\": {\"how\": \"auto\"}, "
                "\"operate.close\": {\"how\": \"auto\"}, \"operate.perform\": {\"responsible\": \"operator\", "
                "\"accountable\": \"boss\", \"how\": %s}}}\n",
                of->facility, how);
        assert_int_equal(fclose(file), 0);
}

static void folder_add(const char *chain_dir, unsigned team) {
        char path[2 * FOLDER_PATH_MAX];

        (void)snprintf(path, sizeof(path), "%s/%s/routines", chain_dir, effects_teams[team]);
        assert_int_equal(mkdir(path, 0700), 0);
}

static void how_put(const effects_world *world, const effects_kind *of, char *out, size_t size) {
        static const char *const of_terms[TERMS] = {
                "\"attempts\": 20, \"backoff\": \"PT1S\", \"backoff_max\": \"PT1S\"", "\"once\": true"};
        char config[2 * FOLDER_PATH_MAX];

        config_put(world, of, config, sizeof(config));
        (void)snprintf(out, size, "{%s, %s, \"timeout\": \"%s\", \"in\": {\"need\": \"/call/need\"}}}", config,
                       of_terms[of->terms], of->timeout);
}

static void list_put(const effects_world *world, char *out, size_t size) {
        char how[HOW_MAX];
        size_t len = 0;

        for (size_t i = 0; i < BUNDLED; i++) {
                how_put(world, effects_kind_find(sk_slice_of(bundled[i])), how, sizeof(how));
                len += (size_t)snprintf(out + len, size - len, "%s%s%s", i == 0 ? "[" : ", ", how,
                                        i + 1 == BUNDLED ? "]" : "");
                assert_true(len < size);
        }
}

void effects_routines_write(const effects_world *world, const char *chain_dir) {
        char how[BUNDLED * HOW_MAX];

        folder_add(chain_dir, SHOP);
        folder_add(chain_dir, PRINTERS);
        for (size_t i = 0; i < KINDS; i++) {
                const effects_kind *of = &kinds[i];
                how_put(world, of, how, sizeof(how));
                routine_write(chain_dir, of, of->team, how);
                if (of->team == PRINTERS)
                        routine_write(
                                chain_dir, of, SHOP,
                                "{\"delegate\": {\"to\": [{\"team\": \"printers\", \"type\": \"service-request\"}]}}");
        }
        list_put(world, how, sizeof(how));
        routine_write(chain_dir, &bundle, SHOP, how);
}
