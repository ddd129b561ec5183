#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "kit/hash.h"
#include "log/move.h"
#include "support/array_log.h"

/*
 * An export file from bytes, imported into an empty log of two partitions: u8 kind, u16 little-endian length, payload,
 * again and again, each of which becomes a piece with the right checksum; what is left over stands behind as it is. What
 * is taken must be there afterwards, and a second time change nothing.
 */

#define FILE_MAX ((size_t)1 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t add_piece(sk_buf *file, const uint8_t *data, size_t size) {
        size_t len = (size_t)(data[1] | data[2] << 8);
        sk_buf piece = sk_buf_make(FILE_MAX);

        if (len > size - 3)
                len = size - 3;
        sk_buf_add_u32(file, (uint32_t)len);
        sk_buf_add(&piece, data, 1);
        sk_buf_add(&piece, data + 3, len);
        sk_buf_add_slice(file, sk_buf_slice(&piece));
        sk_buf_add_u32(file, sk_hash_crc32c(sk_buf_slice(&piece)));
        sk_buf_free(&piece);
        return 3 + len;
}

static int file_make(const uint8_t *data, size_t size) {
        sk_buf file = sk_buf_make(FILE_MAX);
        int fd = memfd_create("export", MFD_CLOEXEC);
        size_t at = 0;

        sk_buf_add_text(&file, "SCHAKEL\n");
        sk_buf_add_u32(&file, SK_EXPORT_VERSION);
        while (size - at >= 3)
                at += add_piece(&file, data + at, size - at);
        sk_buf_add(&file, data + at, size - at);
        assert(fd >= 0);
        if (file.err == SK_OK && write(fd, file.at, file.len) != (ssize_t)file.len)
                abort();
        sk_buf_free(&file);
        return fd;
}

static sk_err import(array_log *log, const char *path, uint64_t *out_written) {
        sk_move_report report = {0};
        sk_move_config config = {.mover = &log->mover, .chain = SK_SLICE("c"), .file = path};
        sk_err err = sk_move_in(&config, &report);

        assert(err == SK_OK || report.why[0] != '\0');
        *out_written = report.written;
        sk_move_report_free(&report);
        return err;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        static const char *const topics[] = {"c.b.calls.a", "c.a.feedback.b", "c.b.work",
                                             "c.b.journal", "c.b.events",     "c.b.deadletter"};
        char path[64];
        uint64_t written = 0;

        if (size > FILE_MAX / 16)
                return 0;
        array_log *log = array_log_new(2);
        for (size_t i = 0; i < sizeof(topics) / sizeof(topics[0]); i++)
                (void)array_log_topic(log, topics[i]);
        log->writes_left = ARRAY_RECORDS / 2;
        int fd = file_make(data, size);
        (void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
        if (import(log, path, &written) == SK_OK) {
                sk_err err = import(log, path, &written);
                assert(err == SK_OK && written == 0);
        }
        close(fd);
        array_log_free(log);
        return 0;
}
