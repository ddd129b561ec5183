#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#ifdef SK_HAVE_RDKAFKA
#include "log/kafka_stats.h"
#endif

/* Statistics of a Kafka client, from bytes that may be anything: topics are within them, numbers within their bounds. */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#ifdef SK_HAVE_RDKAFKA
static void visit(void *self, sk_slice topic, int32_t partition, int64_t stable_offset) {
        const sk_slice *whole = self;

        (void)stable_offset;
        assert(partition >= 0);
        assert(topic.at >= whole->at && topic.at + topic.len <= whole->at + whole->len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        sk_slice whole = {(const char *)data, size};
        sk_kafka_stats stats = {.brokers = 7};

        if (!sk_kafka_stats_read(whole, &stats, visit, &whole))
                assert(stats.brokers == 7);
        else
                assert(stats.brokers_up <= stats.brokers && stats.round_trip_us >= -1);
        return 0;
}
#else
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        (void)data;
        (void)size;
        return 0;
}
#endif
