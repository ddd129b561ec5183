/*
 * Chains as they would be.
 */
#include "cli/session/chain_files.h"

#include <assert.h>
#include <string.h>

#include "kit/alloc.h"
#include "log/zone_files.h"
#include "usm/suggest.h"

#define CHANGED_MAX 16u

static int no_memory(sk_cli *cli) {
        return sk_cli_fail(cli, "chain", "end other programs, then try again", "no memory is left");
}

static int fail_findings(sk_cli *cli, const sk_findings *findings, const char *remedy) {
        for (size_t i = 0; i < sk_findings_count(findings); i++) {
                const sk_finding *finding = sk_findings_at(findings, i);
                if (finding->severity == SK_ERROR)
                        return sk_cli_fail(cli, sk_cli_text_or(cli, "chain", "."), remedy, "%s%s%s", finding->path,
                                           finding->path[0] == '\0' ? "" : ": ", finding->text);
        }
        return no_memory(cli);
}

int sk_chain_files_read(sk_cli *cli, sk_chain_dir **out) {
        sk_findings *findings = sk_findings_new();

        *out = NULL;
        if (findings == NULL)
                return no_memory(cli);
        sk_err err = sk_chain_dir_read(sk_cli_text_or(cli, "chain", "."), findings, out);
        int status = err == SK_OK ? SK_EXIT_OK : fail_findings(cli, findings, "schakel check says all that is wrong");
        sk_findings_free(findings);
        return status;
}

/* All files, those that are changed as they would be; NULL without memory. */
static sk_chain_file *files_with(const sk_chain_dir *dir, const sk_chain_file *changed, size_t count,
                                 size_t *out_count) {
        const sk_chain_file *files = sk_chain_dir_files(dir, out_count);
        sk_chain_file *all = sk_alloc((*out_count + count + 1) * sizeof *all);

        if (all == NULL)
                return NULL;
        memcpy(all, files, *out_count * sizeof *all);
        for (size_t i = 0; i < count; i++) {
                size_t at = 0;
                while (at < *out_count && strcmp(all[at].path, changed[i].path) != 0)
                        at++;
                all[at] = changed[i];
                *out_count += at == *out_count;
        }
        return all;
}

int sk_chain_files_try(sk_cli *cli, const sk_chain_dir *dir, const sk_chain_file *changed, size_t count,
                       const char *remedy, sk_edition **out) {
        sk_findings *findings = sk_findings_new();
        size_t all_count = 0;
        sk_chain_file *all = files_with(dir, changed, count, &all_count);

        assert(count <= CHANGED_MAX);
        *out = NULL;
        int status = SK_EXIT_OK;
        if (findings == NULL || all == NULL)
                status = no_memory(cli);
        else if (sk_edition_build(all, all_count, sk_zone_files(), findings, out) != SK_OK)
                status = fail_findings(cli, findings, remedy);
        sk_free(all);
        sk_findings_free(findings);
        return status;
}
