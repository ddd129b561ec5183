#include "link/data.h"

#include <assert.h>

#include "kit/cursor.h"

void sk_data_add(sk_buf *data, const sk_section *section) {
        assert(section->kind <= UINT8_MAX);
        assert(section->bytes.len <= UINT32_MAX);
        sk_buf_add_byte(data, (uint8_t)section->kind);
        sk_buf_add_byte(data, section->index);
        sk_buf_add_u16(data, section->tag);
        sk_buf_add_u32(data, (uint32_t)section->bytes.len);
        sk_buf_add_slice(data, section->bytes);
}

bool sk_data_next(sk_slice data, size_t *position, sk_section *out) {
        assert(out != NULL);
        if (*position == data.len) {
                return false;
        }
        sk_cursor cursor = sk_cursor_make((sk_slice){data.at + *position, data.len - *position});
        sk_section section = {0};
        section.kind = (sk_section_kind)sk_cursor_u8(&cursor);
        section.index = sk_cursor_u8(&cursor);
        section.tag = sk_cursor_u16(&cursor);
        section.bytes = sk_cursor_bytes(&cursor, sk_cursor_u32(&cursor));
        if (cursor.err != SK_OK) {
                return false;
        }
        *position = data.len - sk_cursor_left(&cursor);
        assert(*position <= data.len);
        *out = section;
        return true;
}

bool sk_data_find(sk_slice data, sk_section_kind kind, uint8_t index, sk_section *out) {
        assert(out != NULL);
        bool is_found = false;
        size_t position = 0;
        sk_section section;

        while (sk_data_next(data, &position, &section)) {
                if (section.kind == kind && section.index == index) {
                        *out = section;
                        is_found = true;
                }
        }
        return is_found;
}

bool sk_data_check(sk_slice data) {
        size_t position = 0;
        sk_section section;

        while (sk_data_next(data, &position, &section)) {
                if (section.kind < SK_SECTION_RAISE || section.kind > SK_SECTION_LAST) {
                        return false;
                }
        }
        assert(position <= data.len);
        return position == data.len;
}

void sk_data_without(sk_slice data, sk_section_kind kind, uint8_t index, sk_buf *out) {
        assert(out != NULL);
        size_t position = 0;
        sk_section section;

        while (sk_data_next(data, &position, &section)) {
                if (section.kind != kind || section.index != index) {
                        sk_data_add(out, &section);
                }
        }
        assert(position == data.len);
}

const char *sk_section_name(unsigned kind) {
        static const char *const names[] = {[SK_SECTION_RAISE] = "raise",
                                            [SK_SECTION_RESULT] = "result",
                                            [SK_SECTION_NOTE] = "note",
                                            [SK_SECTION_ASK_RAISE] = "ask-raise",
                                            [SK_SECTION_ASK_ANSWER] = "ask-answer",
                                            [SK_SECTION_ASK_WITHDRAW] = "ask-withdraw",
                                            [SK_SECTION_ASK_RESULT] = "ask-result",
                                            [SK_SECTION_QUESTION] = "question",
                                            [SK_SECTION_OFFER] = "offer",
                                            [SK_SECTION_ASK_QUESTION] = "ask-question",
                                            [SK_SECTION_FORM] = "form",
                                            [SK_SECTION_ASK_OFFER] = "ask-offer",
                                            [SK_SECTION_ADVICE] = "advice",
                                            [SK_SECTION_INFORMED] = "informed",
                                            [SK_SECTION_DRAFT] = "draft",
                                            [SK_SECTION_LATE] = "late",
                                            [SK_SECTION_ASK_SENT] = "ask-sent",
                                            [SK_SECTION_ACTION] = "action",
                                            [SK_SECTION_TRY] = "try",
                                            [SK_SECTION_ASK_END] = "ask-end"};

        return kind < sizeof names / sizeof names[0] && names[kind] != NULL ? names[kind] : "";
}
