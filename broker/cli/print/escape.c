/* How much room a stranger's text takes on a terminal. */
#include "cli/print/escape.h"

#include <stdint.h>
#include <wchar.h>

static size_t point_columns(uint32_t point) {
        int columns = wcwidth((wchar_t)point);
        return columns < 0 ? 1 : (size_t)columns;
}

size_t sk_text_columns(sk_slice text) {
        size_t columns = 0;
        size_t position = 0;
        uint32_t point;
        while (position < text.len) {
                bool is_character = sk_escape_next(text, &position, &point);
                columns += is_character ? point_columns(point) : 1;
        }
        return columns;
}

size_t sk_text_fit(sk_slice text, size_t columns) {
        size_t position = 0;
        size_t used = 0;
        uint32_t point;
        while (position < text.len) {
                size_t start = position;
                bool is_character = sk_escape_next(text, &position, &point);
                used += is_character ? point_columns(point) : 1;
                if (used > columns)
                        return start;
        }
        return position;
}
