/*
 * A team and the chain it belongs to, from their files.
 */
#include "cli/team_files.h"

#include "cli/links.h"
#include "usm/suggest.h"

int sk_team_files_open(sk_cli *cli, sk_edition **out_edition, const sk_team **out_team) {
        const char *name = sk_cli_text(cli, "team");
        *out_edition = NULL;
        if (name == NULL)
                return sk_cli_usage_error(cli, "team", "say with --team whose routines are meant");
        int status = sk_links_edition(cli, sk_cli_text_or(cli, "chain", "."), out_edition);
        if (status != SK_EXIT_OK)
                return status;
        *out_team = sk_edition_team(*out_edition, sk_slice_of(name));
        if (*out_team != NULL)
                return SK_EXIT_OK;
        sk_suggestion suggestion = sk_suggest_make(sk_slice_of(name));
        for (size_t i = 0; i < sk_edition_team_count(*out_edition); i++)
                sk_suggest_offer(&suggestion, sk_team_name(sk_edition_team_at(*out_edition, i)));
        return sk_cli_usage_error(cli, "team", "the chain has no team \"%s\"; %s", name,
                                  sk_suggest_hint(&suggestion).text);
}
