#include <assert.h>

#include "kit/name.h"

bool sk_name_is_good(sk_slice name) {
        assert(sk_slice_there(name) || name.len == 0);
        if (name.len == 0 || name.len > SK_NAME_MAX || name.at[0] < 'a' || name.at[0] > 'z')
                return false;
        for (size_t i = 1; i < name.len; i++) {
                char c = name.at[i];
                if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'))
                        return false;
        }
        return true;
}
