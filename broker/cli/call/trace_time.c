/*
 * Where the time of a call went, as a paragraph: teams at work, who was asked, waiting for a person, the links.
 */
#include <stdlib.h>

#include "cli/call/trace.h"
#include "cli/print/escape.h"

#define TEXT_MAX ((size_t)1 << 20)
#define INDENT 2

static void add_percent(sk_buf *text, int64_t part_us, int64_t whole_us) {
        double percent = whole_us <= 0 ? 0 : 100.0 * (double)part_us / (double)whole_us;
        int digits = percent >= 9.95 ? 0 : percent >= 0.095 || percent <= 0 ? 1 : 2;
        if (percent > 0 && percent < 0.005)
                sk_buf_add_text(text, " under 0.01 %");
        else
                sk_buf_add_format(text, " %.*f %%", digits, percent);
}

static int by_time(const void *a, const void *b) {
        const sk_story_share *left = a;
        const sk_story_share *right = b;
        if (left->time_us != right->time_us)
                return left->time_us < right->time_us ? 1 : -1;
        size_t len = left->team.len < right->team.len ? left->team.len : right->team.len;
        int order = memcmp(left->team.at, right->team.at, len);
        return order != 0 ? order : (left->team.len > right->team.len) - (left->team.len < right->team.len);
}

/** The paragraph being printed: pieces go to the next line when they would not fit. */
typedef struct paragraph {
        sk_cli *cli;
        const sk_story_sums *sums;
        sk_buf piece;
        size_t column;
        bool is_begun;
} paragraph;

static void put(paragraph *out) {
        const char *piece = sk_cli_safe(out->cli, sk_buf_slice(&out->piece));
        size_t width = sk_text_columns(sk_slice_of(piece));
        sk_buf_clear(&out->piece);
        if (out->is_begun)
                sk_cli_print(out->cli, ",");
        if (out->is_begun && out->column + 2 + width + 1 > sk_cli_columns(out->cli)) {
                sk_cli_print(out->cli, "\n%*s%s", INDENT, "", piece);
                out->column = INDENT + width;
        } else {
                sk_cli_print(out->cli, " %s", piece);
                out->column += 2 + width;
        }
        out->is_begun = true;
}

static int64_t whole_of(const paragraph *out) {
        return out->sums->to_us - out->sums->from_us;
}

static void put_kind(paragraph *out, sk_spell_kind kind, const char *after) {
        for (size_t i = 0; i < out->sums->count; i++) {
                const sk_story_share *share = &out->sums->shares[i];
                if (share->kind != kind || share->time_us == 0)
                        continue;
                sk_buf_add_slice(&out->piece, share->team);
                add_percent(&out->piece, share->time_us, whole_of(out));
                sk_buf_add_text(&out->piece, share->is_stopped ? " (asked, not counted)" : after);
                put(out);
        }
}

/* The whole first, then by team. */
static void put_waiting(paragraph *out) {
        int64_t total_us = 0;
        sk_buf teams = sk_buf_make(TEXT_MAX);
        for (size_t i = 0; i < out->sums->count; i++) {
                const sk_story_share *share = &out->sums->shares[i];
                if (share->kind != SK_SPELL_WAIT || share->time_us == 0)
                        continue;
                total_us += share->time_us;
                sk_buf_add_text(&teams, teams.len == 0 ? " (" : ", ");
                sk_buf_add_slice(&teams, share->team);
                add_percent(&teams, share->time_us, whole_of(out));
        }
        if (total_us > 0) {
                sk_buf_add_text(&out->piece, "waiting for a person");
                add_percent(&out->piece, total_us, whole_of(out));
                sk_buf_add_slice(&out->piece, sk_buf_slice(&teams));
                sk_buf_add_text(&out->piece, ")");
                put(out);
        }
        sk_buf_free(&teams);
}

static void put_links(paragraph *out) {
        for (size_t i = 0; i < out->sums->count; i++) {
                if (out->sums->shares[i].kind != SK_SPELL_LINK)
                        continue;
                sk_buf_add_text(&out->piece, "Schakel");
                add_percent(&out->piece, out->sums->shares[i].time_us, whole_of(out));
                put(out);
        }
}

void sk_trace_time(const sk_trace *trace) {
        sk_cli *cli = trace->session->cli;
        sk_story_sums sums;
        paragraph out = {.cli = cli, .sums = &sums, .piece = sk_buf_make(TEXT_MAX)};
        sk_story_sum(trace->story, trace->top, &sums);
        qsort(sums.shares, sums.count, sizeof(sums.shares[0]), by_time);
        const char *begin = "where the time went:";
        sk_cli_print(cli, "\n%s%s%s", sk_cli_style(cli, SK_BOLD), begin, sk_cli_style(cli, SK_PLAIN));
        out.column = strlen(begin);
        put_kind(&out, SK_SPELL_WORK, "");
        put_kind(&out, SK_SPELL_UNSEEN, " (not told here)");
        put_kind(&out, SK_SPELL_CUSTOMER, " (asked)");
        put_waiting(&out);
        put_links(&out);
        sk_cli_print(cli, "\n");
        sk_buf_free(&out.piece);
}
