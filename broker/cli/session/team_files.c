/*
 * A team and the chain it belongs to, from their files.
 */
#include "cli/session/team_files.h"

#include <assert.h>
#include <string.h>

#include "cli/session/links.h"
#include "kit/buf.h"
#include "usm/suggest.h"

#define NAMES_BYTES_MAX 400

/* Their names as far as there is room. */
static void names_put(const sk_edition *edition, sk_buf *out) {
        for (size_t i = 0; i < sk_edition_team_count(edition); i++) {
                sk_slice name = sk_team_name(sk_edition_team_at(edition, i));
                if (out->len + name.len + 8 > NAMES_BYTES_MAX) {
                        sk_buf_add_text(out, ", ...");
                        return;
                }
                sk_buf_add_format(out, "%s%.*s", i == 0 ? "" : ", ", (int)name.len, name.at);
        }
}

const sk_team *sk_team_files_find(sk_cli *cli, const sk_edition *edition, const char *what, sk_slice name) {
        const sk_team *team = sk_edition_team(edition, name);
        sk_suggestion suggestion = sk_suggest_make(name);
        sk_buf names = sk_buf_make(NAMES_BYTES_MAX + 8);

        assert(what != NULL && sk_slice_there(name));
        if (team != NULL)
                return team;
        for (size_t i = 0; i < sk_edition_team_count(edition); i++)
                sk_suggest_offer(&suggestion, sk_team_name(sk_edition_team_at(edition, i)));
        sk_hint hint = sk_suggest_hint(&suggestion);
        names_put(edition, &names);
        if (hint.text[0] != '\0')
                (void)sk_cli_usage_error(cli, what, "the chain has no team \"%.*s\"; %.*s", (int)name.len, name.at,
                                         (int)strlen(hint.text) - 1, hint.text);
        else
                (void)sk_cli_usage_error(cli, what, "the chain has no team \"%.*s\"; its teams: %.*s", (int)name.len,
                                         name.at, (int)names.len, names.len == 0 ? "" : names.at);
        sk_buf_free(&names);
        return NULL;
}

int sk_team_files_open(sk_cli *cli, sk_edition **out_edition, const sk_team **out_team) {
        const char *name = sk_cli_text(cli, "team");
        *out_edition = NULL;
        if (name == NULL)
                return sk_cli_usage_error(cli, "team", "say with --team whose routines are meant");
        int status = sk_links_edition(cli, sk_cli_text_or(cli, "chain", "."), out_edition);
        if (status != SK_EXIT_OK)
                return status;
        *out_team = sk_team_files_find(cli, *out_edition, "team", sk_slice_of(name));
        return *out_team == NULL ? SK_EXIT_USAGE : SK_EXIT_OK;
}
