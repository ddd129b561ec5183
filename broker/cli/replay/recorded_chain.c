/*
 * A chain that promises what a history was measured by.
 */
#include <jansson.h>

#include "cli/replay/recorded.h"
#include "cli/session/links.h"
#include "kit/alloc.h"
#include "kit/json_load.h"
#include "log/chain_dir.h"
#include "log/zone_files.h"

#define DEPTH_MAX 32

/** {"by_priority": {"1": {"resolve_within": "P1D"}, …}}; NULL without memory. */
static json_t *promise_of(const sk_history_map *map) {
        json_t *promise = json_pack("{s:{}}", "by_priority");
        json_t *by_priority = json_object_get(promise, "by_priority");
        for (size_t i = 0; i < map->promise_count; i++) {
                const sk_history_pair *pair = &map->promises[i];
                json_t *within = json_pack("{s:s%}", "resolve_within", pair->to.at, pair->to.len);
                (void)json_object_set_new(by_priority, pair->from.at, within);
        }
        return promise;
}

static void promise_all(json_t *agreement, json_t *promise) {
        const char *name;
        json_t *facility;
        json_object_foreach(json_object_get(agreement, "facilities"), name, facility) {
                json_t *promises = json_object();
                size_t index;
                json_t *type;
                json_array_foreach(json_object_get(facility, "calls"), index, type) {
                        if (json_is_string(type))
                                (void)json_object_set(promises, json_string_value(type), promise);
                }
                (void)json_object_set_new(facility, "promises", promises);
        }
        (void)json_object_del(agreement, "service_hours");
}

/* The agreement's text with other promises, in jansson's memory; NULL: it is no JSON, which the edition will say. */
static char *promised(sk_slice text, const sk_history_map *map) {
        json_t *agreement = NULL;
        if (sk_json_load(text, DEPTH_MAX, &agreement, NULL) != SK_OK)
                return NULL;
        json_t *promise = promise_of(map);
        promise_all(agreement, promise);
        char *out = json_dumps(agreement, JSON_COMPACT);
        json_decref(promise);
        json_decref(agreement);
        return out;
}

static bool is_agreement(const sk_chain_file *file) {
        return strncmp(file->path, "agreements/", strlen("agreements/")) == 0;
}

static sk_err build(const sk_chain_dir *dir, const sk_history_map *map, sk_findings *findings, sk_edition **out) {
        size_t count;
        const sk_chain_file *read = sk_chain_dir_files(dir, &count);
        sk_chain_file *files = sk_alloc_zero(count + 1, sizeof(*files));
        char **texts = sk_alloc_zero(count + 1, sizeof(*texts));
        sk_err err = files == NULL || texts == NULL ? SK_ERR_NO_MEMORY : SK_OK;
        for (size_t i = 0; err == SK_OK && i < count; i++) {
                files[i] = read[i];
                texts[i] = is_agreement(&read[i]) ? promised(read[i].text, map) : NULL;
                if (texts[i] != NULL)
                        files[i].text = sk_slice_of(texts[i]);
        }
        if (err == SK_OK)
                err = sk_edition_build(files, count, sk_zone_files(), findings, out);
        for (size_t i = 0; texts != NULL && i < count; i++)
                sk_free(texts[i]);
        sk_free(texts);
        sk_free(files);
        return err;
}

int sk_recorded_edition(sk_cli *cli, const char *chain, const sk_history_map *map, sk_edition **out) {
        sk_edition *checked = NULL;
        sk_chain_dir *dir = NULL;
        int status = sk_links_edition(cli, chain, &checked); /* says what is wrong with the chain itself */
        if (status != SK_EXIT_OK)
                return status;
        sk_edition_release(checked);
        sk_findings *findings = sk_findings_new();
        sk_err err = findings == NULL ? SK_ERR_NO_MEMORY : sk_chain_dir_read(chain, findings, &dir);
        if (err == SK_OK)
                err = build(dir, map, findings, out);
        if (err != SK_OK)
                status =
                        sk_cli_fail(cli, chain, "mend \"promises\" of the map: priorities 1 to 5, durations above zero",
                                    "the promises of the map do not go with it: %s", sk_err_text(err));
        sk_chain_dir_free(dir);
        sk_findings_free(findings);
        return status;
}
