/*
 * `schakel check --conformance`: runs every rule of the method on this build and says whether it holds.
 */
#include "cli/chain/conformance.h"

#define FOUND_MAX ((size_t)1 << 16)

typedef struct tally {
        sk_cli *cli;
        sk_json_writer *json; /**< NULL: text */
        size_t held;
        size_t failed;
} tally;

static void tell_text(const tally *sum, const char *name, const char *text, bool holds, const sk_buf *found) {
        sk_cli *cli = sum->cli;
        sk_cli_print(cli, "%s%s%s  %-18s  %s\n", sk_cli_style(cli, holds ? SK_GREEN : SK_RED),
                     holds ? "holds" : "FAILS", sk_cli_style(cli, SK_PLAIN), name, text);
        if (!holds)
                sk_cli_print(cli, "       %s\n", sk_cli_safe(cli, sk_buf_slice(found)));
        sk_cli_forget(cli);
}

static void tell(tally *sum, const char *name, const char *text, bool holds, const sk_buf *found) {
        sk_json_writer *json = sum->json;
        sum->held += holds ? 1 : 0;
        sum->failed += holds ? 0 : 1;
        if (json == NULL) {
                tell_text(sum, name, text, holds, found);
                return;
        }
        sk_json_open_object(json, NULL);
        sk_json_put_cstr(json, "rule", name);
        sk_json_put_cstr(json, "text", text);
        sk_json_put_bool(json, "holds", holds);
        if (!holds)
                sk_json_put_text(json, "found", sk_buf_slice(found));
        sk_json_close_object(json);
}

static void check_tables(tally *sum, sk_buf *found) {
        for (const sk_conformance_rule *rule = sk_conformance_rules; rule->name != NULL; rule++) {
                sk_buf_clear(found);
                bool holds = rule->holds(found);
                tell(sum, rule->name, rule->text, holds, found);
        }
}

static bool check_calls(tally *sum, sk_buf *found) {
        for (const sk_conformance_call *call = sk_conformance_calls; call->name != NULL; call++) {
                sk_buf_clear(found);
                if (!sk_conformance_walk(call, found))
                        return false;
                bool holds = sk_slice_is(sk_buf_slice(found), call->way);
                if (!holds) {
                        sk_buf_add_text(found, ", instead of: ");
                        sk_buf_add_text(found, call->way);
                }
                tell(sum, call->name, call->text, holds, found);
        }
        return true;
}

int sk_conformance_check(sk_cli *cli) {
        tally sum = {.cli = cli};
        sk_buf found = sk_buf_make(FOUND_MAX);
        if (sk_cli_is_json(cli)) {
                sum.json = sk_cli_json_begin(cli);
                sk_json_open_object(sum.json, NULL);
                sk_json_open_array(sum.json, "rules");
        }
        check_tables(&sum, &found);
        bool is_whole = check_calls(&sum, &found) && found.err == SK_OK;
        sk_buf_free(&found);
        if (!is_whole)
                return sk_cli_fail(cli, "memory", "end other programs, then try again", "no memory is left");
        int status = SK_EXIT_OK;
        if (sum.json != NULL) {
                sk_json_close_array(sum.json);
                sk_json_put_bool(sum.json, "ok", sum.failed == 0);
                sk_json_put_int(sum.json, "held", (int64_t)sum.held);
                sk_json_put_int(sum.json, "failed", (int64_t)sum.failed);
                sk_json_close_object(sum.json);
                status = sk_cli_json_end(cli);
        } else {
                sk_cli_print(cli, "%zu rules of the method hold, %zu fail\n", sum.held, sum.failed);
        }
        return status == SK_EXIT_OK && sum.failed > 0 ? SK_EXIT_NEGATIVE : status;
}
