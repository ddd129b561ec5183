#include "event/message.h"

#include <assert.h>

#define TYPE_PREFIX "schakel."
#define TYPE_PREFIX_LEN (sizeof(TYPE_PREFIX) - 1)

static const sk_slice names[SK_MESSAGES] = {
#define NAME_ROW(code, name) [code] = {name, sizeof(name) - 1},
        SK_MESSAGE_TABLE(NAME_ROW)
#undef NAME_ROW
};

/* The catalogue is ordered by what is before the dot, and each of these begins with another letter. */
static const struct family {
        char letter;
        sk_message first;
        sk_message last;
} families[] = {
        {'c', SK_CALL_RAISE, SK_CALL_WITHDRAW},    {'f', SK_FEEDBACK_ACCEPTED, SK_FEEDBACK_CLOSED},
        {'w', SK_WORK_RAISE, SK_WORK_FORCE_CLOSE}, {'e', SK_EVENT_OPENED, SK_EVENT_UNKNOWN},
        {'a', SK_ARCHIVE_CALL, SK_ARCHIVE_CALL},
};

const char *sk_message_name(sk_message message) {
        assert(message <= SK_MESSAGES);
        return message == SK_MESSAGES ? "unknown" : names[message].at;
}

static const struct family *family_of(char letter) {
        static_assert(SK_EVENT_OPENED == SK_WORK_FORCE_CLOSE + 1, "families follow each other");
        for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++) {
                if (families[i].letter == letter)
                        return &families[i];
        }
        return NULL;
}

sk_message sk_message_find(sk_slice type) {
        if (type.len <= TYPE_PREFIX_LEN || memcmp(type.at, TYPE_PREFIX, TYPE_PREFIX_LEN) != 0)
                return SK_MESSAGES;
        sk_slice name = {type.at + TYPE_PREFIX_LEN, type.len - TYPE_PREFIX_LEN};
        const struct family *family = family_of(name.at[0]);
        assert(family == NULL || family->first <= family->last);
        if (family == NULL)
                return SK_MESSAGES;
        for (unsigned message = family->first; message <= family->last; message++) {
                if (sk_slice_equal(names[message], name))
                        return (sk_message)message;
        }
        return SK_MESSAGES;
}

bool sk_message_is_call(sk_message message) {
        assert(message <= SK_MESSAGES);
        return message <= SK_CALL_WITHDRAW;
}

bool sk_message_is_feedback(sk_message message) {
        assert(message <= SK_MESSAGES);
        return message >= SK_FEEDBACK_ACCEPTED && message <= SK_FEEDBACK_CLOSED;
}

bool sk_message_is_work(sk_message message) {
        assert(message <= SK_MESSAGES);
        return message >= SK_WORK_RAISE && message <= SK_WORK_FORCE_CLOSE;
}
