#include "link/deadletter.h"

#include <assert.h>
#include <stdio.h>

#include "kit/hash.h"
#include "kit/when.h"

#define PREFIX "schakel-dl-"
#define ADDED_HEADERS 8
#define COUNT_MAX 1000000

static bool is_ours(sk_slice name) {
        return name.len >= sizeof(PREFIX) - 1 && memcmp(name.at, PREFIX, sizeof(PREFIX) - 1) == 0;
}

static void add_raw(sk_buf *out, sk_slice name, sk_slice value) {
        assert(value.len <= UINT32_MAX);
        assert(name.len <= UINT8_MAX);
        sk_buf_add_byte(out, (uint8_t)name.len);
        sk_buf_add_slice(out, name);
        sk_buf_add_u32(out, (uint32_t)value.len);
        sk_buf_add_slice(out, value);
}

void sk_headers_without_dead_letter(sk_slice headers, sk_buf *out) {
        assert(out != NULL);
        size_t position = 0;
        sk_slice name;
        sk_slice value;

        while (sk_headers_next(headers, &position, &name, &value))
                if (!is_ours(name))
                        add_raw(out, name, value);
}

static unsigned earlier_count(sk_slice headers) {
        sk_slice text = sk_headers_find(headers, PREFIX "count");
        unsigned count = 0;

        for (size_t i = 0; i < text.len && count < COUNT_MAX; i++) {
                if (text.at[i] < '0' || text.at[i] > '9')
                        return 0;
                count = count * 10 + (unsigned)(text.at[i] - '0');
        }
        assert(count < COUNT_MAX * 10);
        return count;
}

static bool can_be_kept(sk_slice headers) {
        size_t position = 0;
        size_t count = 0;
        sk_slice name;
        sk_slice value;

        while (sk_headers_next(headers, &position, &name, &value))
                count += !is_ours(name);
        assert(position <= headers.len);
        return position == headers.len && count + ADDED_HEADERS <= SK_HEADERS_MAX;
}

static void add_number(sk_buf *headers, const char *name, int64_t number) {
        assert(name != NULL);
        char text[24];
        int len = snprintf(text, sizeof(text), "%lld", (long long)number);

        sk_headers_add(headers, name, (sk_slice){text, (size_t)len});
}

static void add_reason(const sk_dead_letter *letter, sk_buf *headers) {
        assert(letter->reject->reason != NULL);
        char time[SK_WHEN_TEXT];
        sk_slice text = {letter->reject->text, strnlen(letter->reject->text, sizeof(letter->reject->text))};

        assert(letter->record->topic != NULL);
        sk_headers_add(headers, PREFIX "topic", letter->record->topic->name);
        add_number(headers, PREFIX "partition", letter->record->partition);
        add_number(headers, PREFIX "offset", letter->record->offset);
        sk_headers_add(headers, PREFIX "reason", sk_slice_of(letter->reject->reason));
        sk_headers_add(headers, PREFIX "text", text);
        sk_when_format(letter->now_us, time);
        sk_headers_add(headers, PREFIX "time", (sk_slice){time, sizeof(time)});
}

/* The key says where it goes, as everywhere; one without a key stays in the partition where it was found. */
static int32_t partition_of(const sk_dead_letter *letter) {
        assert(letter->partitions > 0);
        if (letter->record->key.len == 0)
                return letter->record->partition;
        return sk_hash_partition(letter->record->key, letter->partitions);
}

void sk_dead_letter_write(const sk_dead_letter *letter, const sk_topics *topics, sk_out *out) {
        assert(letter->record != NULL);
        assert(letter->reject != NULL);
        const sk_topic *topic = sk_topics_own(topics, SK_TOPIC_DEADLETTER);
        const sk_record *record = letter->record;
        sk_buf *headers = &out->headers;

        assert(letter->reject->reason != NULL);
        assert(headers->len == 0);
        assert(out->value.len == 0);
        if (can_be_kept(record->headers))
                sk_headers_without_dead_letter(record->headers, headers);
        else
                sk_headers_add(headers, PREFIX "headers", record->headers);
        add_reason(letter, headers);
        add_number(headers, PREFIX "count", (int64_t)earlier_count(record->headers) + 1);
        if (!sk_slice_there(record->value)) {
                sk_out_add_tombstone(out, topic, partition_of(letter), record->key);
                return;
        }
        sk_buf_add_slice(&out->value, record->value);
        sk_out_add(out, topic, partition_of(letter), record->key);
}
