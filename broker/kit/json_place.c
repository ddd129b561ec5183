/* Where a JSON Pointer (RFC 6901) leads in a text, for findings that name line and column. */

#include <assert.h>
#include <string.h>

#include "kit/json_pointer.h"
#include "kit/json_scan.h"

static const char *first_byte(sk_slice text) {
        const char *at = text.at;

        while (at < text.at + text.len && strchr(" \n\r\t", *at) != NULL && *at != '\0')
                at++;
        return at;
}

bool sk_json_place(sk_slice text, const char *pointer, bool of_name, sk_place *out_place) {
        assert(pointer != NULL);
        assert(out_place != NULL);
        sk_slice rest = sk_slice_of(pointer);
        sk_slice value = text;
        sk_slice name = SK_NONE;
        bool is_there = true;
        const char *at;

        assert(text.at != NULL);
        while (is_there && rest.len > 0 && rest.at[0] == '/') {
                sk_slice token = sk_json_pointer_take(&rest);
                is_there = sk_json_pointer_step(value, token, &name, &value);
        }
        is_there = is_there && rest.len == 0;
        at = of_name && is_there && sk_slice_there(name) ? name.at - 1 : first_byte(value);
        *out_place = sk_place_of(text, (size_t)(at - text.at));
        return is_there;
}
