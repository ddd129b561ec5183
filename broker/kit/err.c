/* The table of errors turned into functions. A code outside it is a defect of ours, never input. */

#include "kit/err.h"

#include <assert.h>
#include <stddef.h>

typedef struct err_row {
        const char *name;
        const char *text;
        sk_err_class class;
} err_row;

static const err_row err_rows[] = {
#define ERR_ROW(code, name, class, text) [code] = {name, text, SK_CLASS_##class},
        SK_ERR_TABLE(ERR_ROW)
#undef ERR_ROW
};

static const err_row *row_of(sk_err err) {
        size_t index = (size_t)err;

        assert(err_rows[index].name != NULL);
        assert(index < sizeof(err_rows) / sizeof(err_rows[0]));
        return &err_rows[index];
}

const char *sk_err_name(sk_err err) {
        return row_of(err)->name;
}

const char *sk_err_text(sk_err err) {
        return row_of(err)->text;
}

sk_err_class sk_err_class_of(sk_err err) {
        return row_of(err)->class;
}
