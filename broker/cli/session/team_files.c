/*
 * A team and the chain it belongs to, from their files.
 */
#include "cli/session/team_files.h"

#include "cli/session/chain_files.h"
#include "cli/session/links.h"

int sk_team_files_open(sk_cli *cli, sk_edition **out_edition, const sk_team **out_team) {
        const char *name = sk_cli_text(cli, "team");
        *out_edition = NULL;
        if (name == NULL)
                return sk_cli_usage_error(cli, "team", "say with --team whose routines are meant");
        int status = sk_links_edition(cli, sk_cli_text_or(cli, "chain", "."), out_edition);
        if (status != SK_EXIT_OK)
                return status;
        *out_team = sk_chain_files_team(cli, *out_edition, name);
        return *out_team == NULL ? SK_EXIT_USAGE : SK_EXIT_OK;
}
