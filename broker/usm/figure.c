#include "usm/figure.h"

#include <assert.h>
#include <string.h>

#define SHARE_MAX_TENTH 1000u

static const struct {
        const char *id;
        bool is_share;
} kinds[SK_FIGURE_KINDS] = {
        [SK_FIGURE_PROMISE_KEPT] = {"promise kept", true},
        [SK_FIGURE_RESPONSE_KEPT] = {"response kept", true},
        [SK_FIGURE_COMPLETED] = {"completed", true},
        [SK_FIGURE_CALLS] = {"calls", false},
};

const char *sk_figure_id(sk_figure_kind kind) {
        assert(kind < SK_FIGURE_KINDS);
        return kinds[kind].id;
}

sk_figure_kind sk_figure_find(sk_slice id) {
        unsigned kind = 0;

        while (kind < SK_FIGURE_KINDS && !sk_slice_is(id, kinds[kind].id))
                kind++;
        assert(kind <= SK_FIGURE_KINDS);
        return (sk_figure_kind)kind;
}

bool sk_figure_is_share(sk_figure_kind kind) {
        assert(kind < SK_FIGURE_KINDS);
        return kinds[kind].is_share;
}

/* ---- reading ---- */

static void skip_blanks(sk_slice *text) {
        assert(text != NULL);
        while (text->len > 0 && text->at[0] == ' ')
                *text = (sk_slice){text->at + 1, text->len - 1};
}

/** Takes the words if the text begins with them, as whole words. */
static bool take(sk_slice *text, const char *words) {
        assert(words != NULL);
        size_t len = strlen(words);

        skip_blanks(text);
        if (text->len < len || memcmp(text->at, words, len) != 0 || (text->len > len && text->at[len] != ' '))
                return false;
        *text = (sk_slice){text->at + len, text->len - len};
        return true;
}

static bool take_digits(sk_slice *text, uint32_t *out) {
        assert(out != NULL);
        uint64_t number = 0;
        size_t i = 0;

        skip_blanks(text);
        for (; i < text->len && i < 9 && text->at[i] >= '0' && text->at[i] <= '9'; i++)
                number = number * 10 + (uint64_t)(text->at[i] - '0');
        if (i == 0)
                return false;
        *out = (uint32_t)number;
        *text = (sk_slice){text->at + i, text->len - i};
        return true;
}

/** With at most one decimal. */
static sk_err take_tenths(sk_slice *text, uint32_t *out) {
        assert(out != NULL);
        uint32_t whole;
        uint32_t tenth = 0;

        if (!take_digits(text, &whole))
                return SK_ERR_SYNTAX;
        if (text->len > 1 && text->at[0] == '.') {
                *text = (sk_slice){text->at + 1, text->len - 1};
                if (text->at[0] < '0' || text->at[0] > '9' || !take_digits(text, &tenth) || tenth > 9)
                        return SK_ERR_SYNTAX;
        }
        if (whole > SK_FIGURE_LIMIT_MAX / 10)
                return SK_ERR_RANGE;
        *out = whole * 10 + tenth;
        assert(*out <= SK_FIGURE_LIMIT_MAX + 9);
        return SK_OK;
}

static bool take_kind(sk_slice *text, sk_figure_kind *out) {
        assert(out != NULL);
        for (unsigned kind = 0; kind < SK_FIGURE_KINDS; kind++) {
                if (take(text, kinds[kind].id)) {
                        *out = (sk_figure_kind)kind;
                        return true;
                }
        }
        return false;
}

static bool take_percent(sk_slice *text) {
        assert(text != NULL);
        skip_blanks(text);
        if (text->len == 0 || text->at[0] != '%')
                return false;
        *text = (sk_slice){text->at + 1, text->len - 1};
        return true;
}

sk_err sk_figure_parse(sk_slice text, sk_figure *out) {
        assert(out != NULL);
        sk_figure figure = {0};
        sk_err err;

        (void)take(&text, "when");
        if (!take_kind(&text, &figure.kind))
                return SK_ERR_SYNTAX;
        figure.is_above = take(&text, "above");
        if (!figure.is_above && !take(&text, "below"))
                return SK_ERR_SYNTAX;
        err = take_tenths(&text, &figure.limit_tenth);
        if (err != SK_OK)
                return err;
        if (take_percent(&text) != kinds[figure.kind].is_share || !take(&text, "over") ||
            !take_digits(&text, &figure.days) || (!take(&text, "days") && !take(&text, "day")))
                return SK_ERR_SYNTAX;
        skip_blanks(&text);
        if (text.len > 0)
                return SK_ERR_SYNTAX;
        if ((kinds[figure.kind].is_share && figure.limit_tenth > SHARE_MAX_TENTH) || figure.days == 0 ||
            figure.days > SK_FIGURE_DAYS_MAX)
                return SK_ERR_RANGE;
        assert(figure.kind < SK_FIGURE_KINDS);
        *out = figure;
        return SK_OK;
}
