#include "log/export_file.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kit/alloc.h"
#include "kit/cursor.h"
#include "kit/hash.h"

#define MAGIC "SCHAKEL\n"
#define MAGIC_BYTES 8
#define HEAD_BYTES (MAGIC_BYTES + 4)
#define BUFFER_BYTES ((size_t)1 << 20)
#define PATH_MAX_BYTES 4096

struct sk_export_writer {
        FILE *file;
        sk_buf piece;
        char path[PATH_MAX_BYTES];
        char partial[PATH_MAX_BYTES];
};

struct sk_export_reader {
        FILE *file;
        sk_buf piece;
        uint64_t at;
        uint64_t next;
};

static sk_err say(char *why, sk_err err, const char *path, const char *what) {
        (void)snprintf(why, SK_EXPORT_WHY_MAX, "%.300s %s", path, what);
        return err;
}

static sk_err say_errno(char *why, sk_err err, const char *path) {
        (void)snprintf(why, SK_EXPORT_WHY_MAX, "%.300s: %s", path, strerror(errno));
        return err;
}

/* ---- writing ---- */

static sk_err head_write(sk_export_writer *writer) {
        sk_buf_clear(&writer->piece);
        sk_buf_add(&writer->piece, MAGIC, MAGIC_BYTES);
        sk_buf_add_u32(&writer->piece, SK_EXPORT_VERSION);
        if (writer->piece.err != SK_OK)
                return writer->piece.err;
        return fwrite(writer->piece.at, writer->piece.len, 1, writer->file) == 1 ? SK_OK : SK_ERR_IO;
}

static sk_err partial_open(sk_export_writer *writer, const char *path, char *why) {
        struct stat there;
        int len = snprintf(writer->partial, sizeof(writer->partial), "%s.partial", path);

        if (len < 0 || (size_t)len >= sizeof(writer->partial))
                return say(why, SK_ERR_SIZE, path, "is too long a name");
        (void)snprintf(writer->path, sizeof(writer->path), "%s", path);
        if (lstat(path, &there) == 0)
                return say(why, SK_ERR_CONFLICT, path, "is there already; choose another name, or remove it");
        int fd = open(writer->partial, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
        writer->file = fd < 0 ? NULL : fdopen(fd, "w");
        if (writer->file == NULL)
                return say_errno(why, SK_ERR_IO, writer->partial);
        (void)setvbuf(writer->file, NULL, _IOFBF, BUFFER_BYTES);
        return head_write(writer);
}

sk_err sk_export_writer_new(const char *path, char why[SK_EXPORT_WHY_MAX], sk_export_writer **out) {
        assert(path != NULL);
        assert(why != NULL);
        assert(out != NULL);
        sk_export_writer *writer = sk_alloc_zero(1, sizeof(*writer));
        if (writer == NULL)
                return say(why, SK_ERR_NO_MEMORY, path, "needs more memory than there is");

        writer->piece = sk_buf_make(SK_EXPORT_PIECE_MAX + 16);
        sk_err err = partial_open(writer, path, why);
        if (err != SK_OK) {
                sk_export_writer_free(writer);
                return err;
        }
        *out = writer;
        return SK_OK;
}

void sk_export_writer_free(sk_export_writer *writer) {
        if (writer == NULL)
                return;
        if (writer->file != NULL) {
                (void)fclose(writer->file);
                (void)unlink(writer->partial);
        }
        sk_buf_free(&writer->piece);
        sk_free(writer);
}

sk_err sk_export_writer_put(sk_export_writer *writer, sk_export_piece kind, sk_slice payload) {
        assert(writer != NULL);
        assert(writer->file != NULL);
        if (payload.len > SK_EXPORT_PIECE_MAX)
                return SK_ERR_SIZE;
        sk_buf_clear(&writer->piece);
        sk_buf_add_u32(&writer->piece, (uint32_t)payload.len);
        sk_buf_add_byte(&writer->piece, (uint8_t)kind);
        sk_buf_add_slice(&writer->piece, payload);
        if (writer->piece.err != SK_OK)
                return writer->piece.err;
        sk_buf_add_u32(&writer->piece, sk_hash_crc32c((sk_slice){writer->piece.at + 4, payload.len + 1}));
        if (writer->piece.err != SK_OK)
                return writer->piece.err;
        return fwrite(writer->piece.at, writer->piece.len, 1, writer->file) == 1 ? SK_OK : SK_ERR_IO;
}

/* The name is on disk when its folder is. */
static void folder_sync(const char *path) {
        char folder[PATH_MAX_BYTES];
        const char *slash = strrchr(path, '/');

        (void)snprintf(folder, sizeof(folder), "%.*s", slash == NULL ? 1 : (int)(slash - path) + 1,
                       slash == NULL ? "." : path);
        int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0)
                return;
        (void)fsync(fd);
        (void)close(fd);
}

sk_err sk_export_writer_end(sk_export_writer *writer) {
        assert(writer != NULL);
        assert(writer->file != NULL);
        if (fflush(writer->file) != 0 || fsync(fileno(writer->file)) != 0)
                return SK_ERR_IO;
        int result = fclose(writer->file);
        writer->file = NULL;
        if (result != 0 || rename(writer->partial, writer->path) != 0) {
                int kept = errno;
                (void)unlink(writer->partial);
                errno = kept;
                return SK_ERR_IO;
        }
        folder_sync(writer->path);
        return SK_OK;
}

/* ---- reading ---- */

static sk_err head_read(sk_export_reader *reader, const char *path, char *why) {
        char head[HEAD_BYTES];

        if (fread(head, sizeof(head), 1, reader->file) != 1 || memcmp(head, MAGIC, MAGIC_BYTES) != 0)
                return say(why, SK_ERR_SYNTAX, path, "is no export of a chain");
        sk_cursor cursor = sk_cursor_make((sk_slice){head + MAGIC_BYTES, 4});
        if (sk_cursor_u32(&cursor) != SK_EXPORT_VERSION)
                return say(why, SK_ERR_VERSION, path, "is an export of a version that this program does not read");
        reader->next = HEAD_BYTES;
        return SK_OK;
}

sk_err sk_export_reader_new(const char *path, char why[SK_EXPORT_WHY_MAX], sk_export_reader **out) {
        assert(path != NULL);
        assert(why != NULL);
        assert(out != NULL);
        sk_export_reader *reader = sk_alloc_zero(1, sizeof(*reader));
        if (reader == NULL)
                return say(why, SK_ERR_NO_MEMORY, path, "needs more memory than there is");

        reader->piece = sk_buf_make(SK_EXPORT_PIECE_MAX + 16);
        reader->file = fopen(path, "re");
        sk_err err = SK_OK;
        if (reader->file == NULL)
                err = say_errno(why, errno == ENOENT ? SK_ERR_NOT_FOUND : SK_ERR_IO, path);
        else
                (void)setvbuf(reader->file, NULL, _IOFBF, BUFFER_BYTES);
        if (err == SK_OK)
                err = head_read(reader, path, why);
        if (err != SK_OK) {
                sk_export_reader_free(reader);
                return err;
        }
        *out = reader;
        return SK_OK;
}

void sk_export_reader_free(sk_export_reader *reader) {
        if (reader == NULL)
                return;
        if (reader->file != NULL)
                (void)fclose(reader->file);
        sk_buf_free(&reader->piece);
        sk_free(reader);
}

sk_err sk_export_reader_rewind(sk_export_reader *reader) {
        assert(reader != NULL);
        reader->next = HEAD_BYTES;
        return fseek(reader->file, HEAD_BYTES, SEEK_SET) == 0 ? SK_OK : SK_ERR_IO;
}

/* So many more bytes of the file behind what the piece holds. */
static sk_err read_more(sk_export_reader *reader, size_t len) {
        char *at = sk_buf_grow(&reader->piece, len);

        if (at == NULL)
                return reader->piece.err;
        if (len > 0 && fread(at, len, 1, reader->file) != 1)
                return ferror(reader->file) != 0 ? SK_ERR_IO : SK_ERR_TRUNCATED;
        reader->next += len;
        return SK_OK;
}

sk_err sk_export_reader_next(sk_export_reader *reader, sk_export_piece *out_kind, sk_slice *out_payload) {
        assert(reader != NULL);
        reader->at = reader->next;
        sk_buf_clear(&reader->piece);
        sk_err err = read_more(reader, 5);
        if (err != SK_OK)
                return err;
        sk_cursor head = sk_cursor_make(sk_buf_slice(&reader->piece));
        uint32_t len = sk_cursor_u32(&head);
        uint8_t kind = sk_cursor_u8(&head);
        if (len > SK_EXPORT_PIECE_MAX)
                return SK_ERR_SIZE;
        err = read_more(reader, (size_t)len + 4);
        if (err != SK_OK)
                return err;
        sk_cursor tail = sk_cursor_make((sk_slice){reader->piece.at + 5 + len, 4});
        if (sk_cursor_u32(&tail) != sk_hash_crc32c((sk_slice){reader->piece.at + 4, (size_t)len + 1}))
                return SK_ERR_CHECKSUM;
        *out_kind = (sk_export_piece)kind;
        *out_payload = (sk_slice){reader->piece.at + 5, len};
        return SK_OK;
}

uint64_t sk_export_reader_at(const sk_export_reader *reader) {
        return reader->at;
}
