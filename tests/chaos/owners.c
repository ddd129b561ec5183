#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "chaos/chaos.h"

/*
 * Who wrote what, which no client tells: it stands in the heads of the record batches in a broker's files (the log
 * format 2 of Kafka). Each transaction of a link writes its marks into the journal of each partition that it touches.
 * So if two had a partition at the same time, transactions of two producers that were committed would lie there into
 * each other: one begins before the other's marker.
 */

#define HEAD_BYTES 61
#define AT_LENGTH 8
#define AT_ATTRIBUTES 21
#define AT_PRODUCER 43
#define AT_RECORD HEAD_BYTES
#define IS_TRANSACTIONAL 0x10
#define IS_CONTROL 0x20
#define PRODUCERS_MAX 256
#define SEGMENTS_MAX 64

/* A producer whose transaction is open. */
typedef struct writing {
        int64_t producer;
        int64_t first; /* offset of its first batch */
} writing;

typedef struct ownership {
        const char *where;
        int32_t partition;
        writing open[PRODUCERS_MAX];
        size_t open_count;
        int64_t owner; /* of the last transaction that was committed */
        int64_t last_marker;
        unsigned committed;
        unsigned aborted;
        unsigned handed_over;
} ownership;

static int64_t number_at(const uint8_t *bytes, size_t count) {
        uint64_t number = 0;

        for (size_t i = 0; i < count; i++)
                number = number << 8 | bytes[i];
        return (int64_t)number;
}

static writing *open_find(ownership *o, int64_t producer) {
        for (size_t i = 0; i < o->open_count; i++) {
                if (o->open[i].producer == producer)
                        return &o->open[i];
        }
        return NULL;
}

static void take_data(ownership *o, int64_t producer, int64_t offset) {
        if (open_find(o, producer) != NULL)
                return;
        assert_true(o->open_count < PRODUCERS_MAX);
        o->open[o->open_count++] = (writing){.producer = producer, .first = offset};
}

static void take_marker(ownership *o, int64_t producer, int64_t offset, bool is_commit) {
        writing *w = open_find(o, producer);

        if (w == NULL)
                return; /* of a transaction that wrote elsewhere */
        if (is_commit && w->first < o->last_marker && producer != o->owner)
                fail_msg(
                        "%s, partition %d: two owners at a time: the transaction of producer %lld at %lld began before "
                        "%lld's ended at %lld",
                        o->where, (int)o->partition, (long long)producer, (long long)w->first, (long long)o->owner,
                        (long long)o->last_marker);
        if (is_commit) {
                o->handed_over += o->committed > 0 && producer != o->owner ? 1 : 0;
                o->owner = producer;
                o->last_marker = offset;
                o->committed++;
        } else {
                o->aborted++;
        }
        *w = o->open[--o->open_count];
}

/* Of a control record: length, attributes, two deltas, the key's length, then version and type of the marker. */
static bool is_commit_marker(const uint8_t *record) {
        size_t at = 1;

        while ((record[at++] & 0x80) != 0) {} /* delta of the timestamp */
        while ((record[at++] & 0x80) != 0) {} /* delta of the offset */
        while ((record[at++] & 0x80) != 0) {} /* length of the key */
        return number_at(record + at + 2, 2) == 1;
}

static const uint8_t *record_of(const uint8_t *batch) {
        const uint8_t *at = batch + AT_RECORD;

        while ((*at++ & 0x80) != 0) {} /* its length */
        return at;
}

static void take_batches(ownership *o, const uint8_t *bytes, size_t len) {
        for (size_t at = 0; at + HEAD_BYTES < len;) {
                const uint8_t *batch = bytes + at;
                int64_t offset = number_at(batch, 8);
                size_t size = (size_t)number_at(batch + AT_LENGTH, 4) + AT_LENGTH + 4;
                int64_t attributes = number_at(batch + AT_ATTRIBUTES, 2);
                int64_t producer = number_at(batch + AT_PRODUCER, 8);
                if (size <= HEAD_BYTES || at + size > len)
                        return; /* what is being written now */
                if ((attributes & IS_CONTROL) != 0)
                        take_marker(o, producer, offset, is_commit_marker(record_of(batch)));
                else if ((attributes & IS_TRANSACTIONAL) != 0)
                        take_data(o, producer, offset);
                at += size;
        }
}

/* ---- files ---- */

static int by_name(const void *a, const void *b) {
        return strcmp(a, b);
}

static size_t segments_list(const char *folder, char names[SEGMENTS_MAX][32]) {
        size_t count = 0;
        DIR *dir = opendir(folder);

        for (struct dirent *entry; dir != NULL && (entry = readdir(dir)) != NULL;) {
                size_t len = strlen(entry->d_name);
                if (len < 5 || len > 31 || strcmp(entry->d_name + len - 4, ".log") != 0)
                        continue;
                assert_true(count < SEGMENTS_MAX);
                (void)snprintf(names[count++], 32, "%.31s", entry->d_name);
        }
        if (dir != NULL)
                closedir(dir);
        qsort(names, count, 32, by_name);
        return count;
}

static void take_segment(ownership *o, const char *path) {
        struct stat status;
        FILE *file = fopen(path, "re");

        assert_non_null(file);
        assert_int_equal(fstat(fileno(file), &status), 0);
        uint8_t *bytes = malloc((size_t)status.st_size + 1);
        assert_non_null(bytes);
        size_t len = fread(bytes, 1, (size_t)status.st_size, file);
        (void)fclose(file);
        take_batches(o, bytes, len);
        free(bytes);
}

/* Any broker that has a replica will do: all are in step when nothing happens any more. */
static void take_partition(const chaos *c, ownership *o) {
        char names[SEGMENTS_MAX][32];
        char folder[FOLDER_PATH_MAX + 200];
        char path[sizeof(folder) + 40];

        (void)snprintf(folder, sizeof(folder), "%s/data/1/%s-%d", c->links.cluster.dir, o->where, (int)o->partition);
        size_t count = segments_list(folder, names);
        if (count == 0)
                fail_msg("%s: no segments", folder);
        for (size_t i = 0; i < count; i++) {
                (void)snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
                take_segment(o, path);
        }
}

unsigned chaos_owners_check(chaos *c) {
        unsigned committed = 0;
        unsigned aborted = 0;
        unsigned handed_over = 0;

        for (unsigned team = 0; team < CHAOS_TEAMS; team++) {
                for (int32_t p = 0; p < CHAOS_PARTITIONS; p++) {
                        char topic[160];
                        (void)snprintf(topic, sizeof(topic), "%s.%s.journal", c->links.chain, chaos_teams[team]);
                        ownership o = {.where = topic, .partition = p, .owner = -1};
                        take_partition(c, &o);
                        assert_true(o.committed > 0);
                        committed += o.committed;
                        aborted += o.aborted;
                        handed_over += o.handed_over;
                }
        }
        chaos_say(c,
                  "journals: %u transactions of a partition committed, %u aborted; %u times another instance went on, "
                  "never two at a time",
                  committed, aborted, handed_over);
        assert_true(handed_over > 0);
        return committed;
}
