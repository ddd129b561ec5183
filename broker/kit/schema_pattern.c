#define PCRE2_CODE_UNIT_WIDTH 8

#include "kit/schema_pattern.h"

#include <assert.h>
#include <pcre2.h>

#include "kit/alloc.h"
#include "kit/buf.h"

#define EXPRESSION_MAX ((size_t)4096)
#define MATCH_LIMIT 1000000 /* steps back and forth, some milliseconds */
#define HEAP_LIMIT_KIB 1024

struct sk_pattern {
        pcre2_code *code;
};

struct sk_pattern_run {
        pcre2_match_data *data;
        pcre2_match_context *context;
};

/* A dollar is the very end and nothing else, escapes are those of ECMA-262, as the draft recommends. */
#define OPTIONS                                                                                               \
        (PCRE2_UTF | PCRE2_NO_UTF_CHECK | PCRE2_DOLLAR_ENDONLY | PCRE2_ALT_BSUX | PCRE2_MATCH_UNSET_BACKREF | \
         PCRE2_NEVER_BACKSLASH_C)

/* General categories by the names that ECMA-262 has for them and PCRE2 has not. */
static const struct {
        const char *name;
        const char *code;
} categories[] = {
        {"Cased_Letter", "L&"},
        {"Close_Punctuation", "Pe"},
        {"Connector_Punctuation", "Pc"},
        {"Control", "Cc"},
        {"Currency_Symbol", "Sc"},
        {"Dash_Punctuation", "Pd"},
        {"Decimal_Number", "Nd"},
        {"Enclosing_Mark", "Me"},
        {"Final_Punctuation", "Pf"},
        {"Format", "Cf"},
        {"Initial_Punctuation", "Pi"},
        {"Letter", "L"},
        {"Letter_Number", "Nl"},
        {"Line_Separator", "Zl"},
        {"Lowercase_Letter", "Ll"},
        {"Mark", "M"},
        {"Math_Symbol", "Sm"},
        {"Modifier_Letter", "Lm"},
        {"Modifier_Symbol", "Sk"},
        {"Nonspacing_Mark", "Mn"},
        {"Number", "N"},
        {"Open_Punctuation", "Ps"},
        {"Other", "C"},
        {"Other_Letter", "Lo"},
        {"Other_Number", "No"},
        {"Other_Punctuation", "Po"},
        {"Other_Symbol", "So"},
        {"Paragraph_Separator", "Zp"},
        {"Private_Use", "Co"},
        {"Punctuation", "P"},
        {"Separator", "Z"},
        {"Space_Separator", "Zs"},
        {"Spacing_Mark", "Mc"},
        {"Surrogate", "Cs"},
        {"Symbol", "S"},
        {"Titlecase_Letter", "Lt"},
        {"Unassigned", "Cn"},
        {"Uppercase_Letter", "Lu"},
        {"digit", "Nd"},
        {"punct", "P"},
};

static sk_slice category_code(sk_slice name) {
        static const char *const prefixes[] = {"General_Category=", "gc=", "Script=", "sc="};

        for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
                size_t len = strlen(prefixes[i]);
                if (name.len > len && memcmp(name.at, prefixes[i], len) == 0)
                        name = (sk_slice){name.at + len, name.len - len};
        }
        for (size_t i = 0; i < sizeof(categories) / sizeof(categories[0]); i++) {
                if (sk_slice_is(name, categories[i].name))
                        return sk_slice_of(categories[i].code);
        }
        assert(sk_slice_there(name));
        return name;
}

/* The expression with each `\p{Letter}` as `\p{L}`. */
static void translate(sk_slice from, sk_buf *out) {
        assert(out->len == 0);
        for (size_t i = 0; i < from.len; i++) {
                bool is_escape = from.at[i] == '\\' && i + 1 < from.len;
                bool is_property = is_escape && (from.at[i + 1] == 'p' || from.at[i + 1] == 'P') && i + 2 < from.len &&
                                   from.at[i + 2] == '{';
                const char *end = is_property ? memchr(from.at + i, '}', from.len - i) : NULL;
                sk_buf_add_byte(out, (uint8_t)from.at[i]);
                if (is_escape)
                        sk_buf_add_byte(out, (uint8_t)from.at[++i]);
                if (end == NULL)
                        continue;
                sk_slice name = {from.at + i + 2, (size_t)(end - from.at) - i - 2};
                sk_buf_add_byte(out, '{');
                sk_buf_add_slice(out, category_code(name));
                sk_buf_add_byte(out, '}');
                i += name.len + 2;
        }
}

static void *take(PCRE2_SIZE size, void *self) {
        (void)self;
        return sk_alloc(size);
}

static void give(void *at, void *self) {
        (void)self;
        sk_free(at);
}

static pcre2_code *compile(sk_slice expression, pcre2_compile_context *context, int *error) {
        assert(context != NULL);
        PCRE2_SIZE offset = 0;
        sk_buf translated = sk_buf_make(2 * EXPRESSION_MAX);

        translate(expression, &translated);
        pcre2_code *code = translated.err != SK_OK
                                   ? NULL
                                   : pcre2_compile((PCRE2_SPTR)(translated.len == 0 ? "" : translated.at),
                                                   translated.len, OPTIONS, error, &offset, context);
        sk_buf_free(&translated);
        return code;
}

static pcre2_code *compile_once(sk_slice expression, int *error) {
        pcre2_general_context *memory = pcre2_general_context_create(take, give, NULL);
        pcre2_compile_context *context = memory == NULL ? NULL : pcre2_compile_context_create(memory);
        pcre2_code *code = context == NULL ? NULL : compile(expression, context, error);

        pcre2_compile_context_free(context);
        pcre2_general_context_free(memory);
        return code;
}

sk_err sk_pattern_compile(sk_slice expression, sk_pattern **out) {
        assert(out != NULL);
        int error = PCRE2_ERROR_HEAP_FAILED;
        if (expression.len > EXPRESSION_MAX)
                return SK_ERR_SYNTAX;
        sk_pattern *pattern = sk_alloc_zero(1, sizeof(*pattern));
        if (pattern == NULL)
                return SK_ERR_NO_MEMORY;
        pattern->code = compile_once(expression, &error);
        if (pattern->code == NULL) {
                sk_free(pattern);
                return error == PCRE2_ERROR_HEAP_FAILED ? SK_ERR_NO_MEMORY : SK_ERR_SYNTAX;
        }
        *out = pattern;
        return SK_OK;
}

void sk_pattern_free(sk_pattern *pattern) {
        if (pattern == NULL)
                return;
        pcre2_code_free(pattern->code);
        sk_free(pattern);
}

sk_pattern_run *sk_pattern_run_new(void) {
        sk_pattern_run *run = sk_alloc_zero(1, sizeof(*run));
        if (run == NULL)
                return NULL;
        pcre2_general_context *memory = pcre2_general_context_create(take, give, NULL);
        run->data = memory == NULL ? NULL : pcre2_match_data_create(1, memory);
        run->context = memory == NULL ? NULL : pcre2_match_context_create(memory);
        pcre2_general_context_free(memory);
        if (run->data == NULL || run->context == NULL) {
                sk_pattern_run_free(run);
                return NULL;
        }
        (void)pcre2_set_match_limit(run->context, MATCH_LIMIT);
        (void)pcre2_set_heap_limit(run->context, HEAP_LIMIT_KIB);
        return run;
}

void sk_pattern_run_free(sk_pattern_run *run) {
        if (run == NULL)
                return;
        pcre2_match_data_free(run->data);
        pcre2_match_context_free(run->context);
        sk_free(run);
}

sk_err sk_pattern_match(const sk_pattern *pattern, sk_pattern_run *run, sk_slice text) {
        assert(pattern != NULL);
        assert(run != NULL);
        int result = pcre2_match(pattern->code, (PCRE2_SPTR)(text.len == 0 ? "" : text.at), text.len, 0,
                                 PCRE2_NO_UTF_CHECK, run->data, run->context);
        if (result >= 0)
                return SK_OK;
        return result == PCRE2_ERROR_NOMATCH ? SK_ERR_CONFLICT : SK_ERR_SIZE;
}
