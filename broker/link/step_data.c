#include <assert.h>

#include "link/stepping.h"

sk_slice sk_data_now(const sk_stepping *s) {
        return s->data_changed ? sk_buf_slice(&s->data) : s->before->data;
}

static void load(sk_stepping *s) {
        if (!s->data_changed) {
                s->data_changed = true;
                sk_buf_clear(&s->data);
                sk_buf_add_slice(&s->data, s->before->data);
        }
}

bool sk_data_has_room(const sk_stepping *s, size_t len, size_t bound) {
        size_t now = sk_data_now(s).len + SK_SECTION_FRAME;

        assert(bound <= SK_DATA_MAX);
        return len <= bound && now <= bound - len;
}

void sk_data_append(sk_stepping *s, sk_section_kind kind, uint8_t index, uint16_t tag, sk_slice bytes) {
        sk_section section = {.kind = kind, .index = index, .tag = tag, .bytes = bytes};

        assert(kind >= SK_SECTION_RAISE);
        assert(kind <= SK_SECTION_LAST);
        load(s);
        sk_data_add(&s->data, &section);
        assert(s->data_changed);
}

void sk_data_remove(sk_stepping *s, sk_section_kind kind, uint8_t index) {
        assert(s->data.max > 0);
        sk_section section;

        assert(kind >= SK_SECTION_RAISE);
        assert(kind <= SK_SECTION_LAST);
        if (!sk_data_find(sk_data_now(s), kind, index, &section)) {
                return;
        }
        sk_buf kept = sk_buf_make(s->data.max);
        sk_data_without(sk_data_now(s), kind, index, &kept);
        sk_buf_free(&s->data);
        s->data = kept;
        s->data_changed = true;
}

static bool is_of_ask(const sk_section *section, uint8_t index) {
        assert(index < SK_ASKS_MAX);
        switch (section->kind) {
        case SK_SECTION_ASK_RAISE:
        case SK_SECTION_ASK_SENT:
        case SK_SECTION_ASK_ANSWER:
        case SK_SECTION_ASK_WITHDRAW:
        case SK_SECTION_ASK_RESULT:
        case SK_SECTION_ASK_QUESTION:
        case SK_SECTION_ASK_OFFER:
        case SK_SECTION_ASK_END:
        case SK_SECTION_LATE:
                return section->index == index;
        default:
                return false;
        }
}

void sk_data_forget_ask(sk_stepping *s, uint8_t index) {
        sk_buf kept = sk_buf_make(SK_DATA_MAX);
        size_t position = 0;
        sk_section section;

        assert(index < SK_ASKS_MAX);
        while (sk_data_next(sk_data_now(s), &position, &section)) {
                if (!is_of_ask(&section, index)) {
                        sk_data_add(&kept, &section);
                }
        }
        sk_buf_free(&s->data);
        s->data = kept;
        s->data_changed = true;
}

sk_slice sk_data_raise(const sk_stepping *s) {
        sk_section section;

        return sk_data_find(sk_data_now(s), SK_SECTION_RAISE, 0, &section) ? section.bytes : SK_NONE;
}

sk_slice sk_data_result(const sk_stepping *s) {
        sk_slice data = sk_data_now(s);
        sk_slice last = SK_NONE;
        sk_slice performed = SK_NONE;
        size_t position = 0;
        sk_section section;

        while (sk_data_next(data, &position, &section)) {
                bool is_told = section.kind == SK_SECTION_RESULT && section.index == SK_RESULT_OF_ACTIVITY;
                const sk_activity *activity = is_told ? sk_activity_by_number(section.tag) : NULL;
                if (activity != NULL && activity->name != SK_CLASSIFY) {
                        last = section.bytes;
                        performed = activity->name == SK_PERFORM ? section.bytes : performed;
                }
        }
        assert(!sk_slice_there(performed) || sk_slice_there(last));
        return sk_slice_there(performed) ? performed : last;
}
