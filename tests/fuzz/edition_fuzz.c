#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "kit/json_load.h"
#include "usm/edition.h"

/*
 * A chain directory from bytes: files one after the other, each a line with its path that begins with '@', then its text
 * up to the next such line. Whatever is in it: an edition or findings, each with a place inside its file; and what is an
 * edition answers every question.
 */

#define FILES_MAX 16
#define PATH_MAX_BYTES 128

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct fuzz_chain {
        sk_chain_file files[FILES_MAX];
        char paths[FILES_MAX][PATH_MAX_BYTES];
        size_t count;
} fuzz_chain;

/** The end of the line that begins at @p at. */
static const char *line_end(const char *at, const char *end) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        return newline == NULL ? end : newline + 1;
}

static void split(fuzz_chain *out, const char *at, const char *end) {
        while (at < end && out->count < FILES_MAX) {
                const char *text = line_end(at, end);
                size_t len = (size_t)(text - at) > 1 ? (size_t)(text - at) - 2 : 0;
                len = len < PATH_MAX_BYTES - 1 ? len : PATH_MAX_BYTES - 1;
                memcpy(out->paths[out->count], at + 1, len);
                const char *next = text;
                while (next < end && *next != '@')
                        next = line_end(next, end);
                out->files[out->count] = (sk_chain_file){out->paths[out->count], {text, (size_t)(next - text)}};
                out->count++;
                at = next;
        }
}

static void check_findings(const sk_findings *findings, sk_err err) {
        size_t errors = 0;
        for (size_t i = 0; i < sk_findings_count(findings); i++) {
                const sk_finding *finding = sk_findings_at(findings, i);
                assert(finding->text[0] != '\0' && finding->remedy[0] != '\0');
                assert((finding->line == 0) == (finding->column == 0));
                for (const char *at = finding->text; *at != '\0'; at++)
                        assert((unsigned char)*at >= 0x20 && *at != 0x7f);
                errors += finding->severity == SK_ERROR;
        }
        assert(errors == sk_findings_count_of(findings, SK_ERROR));
        assert((err == SK_OK) == (errors == 0));
}

static void ask_team(const sk_edition *edition, const sk_team *team) {
        assert(sk_edition_team(edition, sk_team_name(team)) == team);
        for (unsigned p = 0; p < SK_PROCESSES; p++) {
                const sk_process_info *info = sk_process_get((sk_process)p);
                for (unsigned workflows = 0; workflows < 0x200; workflows += 0x1e) {
                        sk_selection call = {.first = (sk_process)p,
                                             .workflows = (uint16_t)workflows,
                                             .customer = SK_SLICE("a"),
                                             .facility = SK_SLICE("lift"),
                                             .category = SK_SLICE("x"),
                                             .priority = workflows % 7};
                        sk_slice routine;
                        sk_cut_way cut;
                        sk_way way;
                        for (unsigned a = 0; a < info->count; a++)
                                sk_team_way(team, &call, &info->activities[a], &way, &routine);
                        sk_team_cut_way(team, &call, (sk_process)p, &cut, &routine);
                }
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        fuzz_chain chain = {.count = 0};
        sk_findings *findings = sk_findings_new();
        sk_edition *edition = NULL;

        assert(findings != NULL);
        sk_json_load_prepare();
        split(&chain, (const char *)data, (const char *)data + size);
        sk_err err = sk_edition_build(chain.files, chain.count, NULL, findings, &edition);
        assert(err == SK_OK || err == SK_ERR_CONFIG);
        check_findings(findings, err);
        for (size_t i = 0; edition != NULL && i < sk_edition_team_count(edition); i++)
                ask_team(edition, sk_edition_team_at(edition, i));
        sk_edition_release(edition);
        sk_findings_free(findings);
        return 0;
}
