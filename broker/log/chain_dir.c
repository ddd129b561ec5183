/*
 * Reads a chain directory. Whoever can write there decides much, but not that a link reads a device for ever, a file of
 * another user or a million files: everything is opened below the directory, checked after opening, and bounded.
 */
#include "log/chain_dir.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "kit/alloc.h"
#include "kit/buf.h"
#include "log/zone_files.h"
#include "usm/findings.h"
#include "usm/quote.h"

#define FILES_MAX 10000
#define ENTRIES_MAX 200000
#define DEPTH_MAX 3
#define FILE_MAX_BYTES ((size_t)1024 * 1024)
#define PATH_BYTES_MAX 4096

struct sk_chain_dir {
        sk_chain_file *files;
        size_t count;
        size_t room;
};

typedef struct visitor {
        sk_chain_dir *dir;
        sk_findings *findings;
        int root;
        size_t entries;
        bool is_full;
        sk_err err;
} visitor;

static void say(visitor *walk, const char *path, const char *code, const char *text, const char *remedy) {
        sk_finding finding = {.severity = SK_ERROR, .code = code, .path = path, .text = text, .remedy = remedy};
        if (sk_findings_add(walk->findings, &finding) != SK_OK)
                walk->err = SK_ERR_NO_MEMORY;
}

static void say_errno(visitor *walk, const char *path, int error) {
        char text[160];
        if (error == EXDEV || error == ELOOP) {
                say(walk, path, "file-outside", "a symbolic link leads out of the chain directory",
                    "copy the file into the directory, or link to it with a path that stays inside");
                return;
        }
        (void)snprintf(text, sizeof text, "the file cannot be read: %s", strerrordesc_np(error));
        say(walk, path, "file-unreadable", text, "make it readable for whoever runs this, or take it away");
}

/** Opens below the root only; where the kernel cannot promise that, no symbolic link is followed at all. */
static int open_below(const visitor *walk, const char *path, int flags) {
        struct open_how how = {
                .flags = (uint64_t)(unsigned)(flags | O_RDONLY | O_CLOEXEC | O_NONBLOCK),
                .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS,
        };
        long fd = syscall(SYS_openat2, walk->root, path, &how, sizeof how);
        if (fd < 0 && (errno == ENOSYS || errno == EPERM))
                fd = openat(walk->root, path, flags | O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
        return (int)fd;
}

static sk_chain_file *add_file(visitor *walk, const char *path) {
        sk_chain_dir *dir = walk->dir;
        if (dir->count == FILES_MAX) {
                if (!walk->is_full)
                        say(walk, "", "too-many-files", "the chain directory has more than 10,000 files",
                            "take away what is no part of the chain");
                walk->is_full = true;
                return NULL;
        }
        if (dir->count == dir->room) {
                size_t room = dir->room == 0 ? 32 : dir->room * 2;
                sk_chain_file *files = sk_realloc(dir->files, room * sizeof *files);
                if (files == NULL) {
                        walk->err = SK_ERR_NO_MEMORY;
                        return NULL;
                }
                dir->files = files;
                dir->room = room;
        }
        char *copy = sk_alloc_copy(path, strlen(path));
        if (copy == NULL) {
                walk->err = SK_ERR_NO_MEMORY;
                return NULL;
        }
        dir->files[dir->count] = (sk_chain_file){.path = copy, .text = SK_SLICE("")};
        return &dir->files[dir->count++];
}

/** Reads the whole of @p fd, as much as there is, not as much as there was when its size was asked for. */
static int read_whole(int fd, sk_buf *text) {
        char part[16384];
        for (;;) {
                ssize_t got = read(fd, part, sizeof part);
                if (got < 0 && errno == EINTR)
                        continue;
                if (got < 0)
                        return errno;
                if (got == 0)
                        return 0;
                sk_buf_add(text, part, (size_t)got);
                if (text->err != SK_OK)
                        return 0;
        }
}

/** Bytes of the file into @p text; what is wrong is said. */
static void read_open_file(visitor *walk, const char *path, int fd, sk_buf *text) {
        struct stat info;
        if (fstat(fd, &info) != 0) {
                say_errno(walk, path, errno);
                return;
        }
        if (!S_ISREG(info.st_mode)) {
                say(walk, path, "file-unreadable", "this is not a regular file", "put a regular file in its place");
                return;
        }
        int error = read_whole(fd, text);
        if (error != 0)
                say_errno(walk, path, error);
        else if (text->err == SK_ERR_FULL)
                say(walk, path, "file-too-large", "the file has more than 1 MiB",
                    "split it, or leave out what is not needed");
        else if (text->err != SK_OK)
                walk->err = text->err;
}

static void read_file(visitor *walk, const char *path) {
        sk_chain_file *file = add_file(walk, path);
        if (file == NULL || !sk_chain_file_is_part(path))
                return;
        int fd = open_below(walk, path, 0);
        if (fd < 0) {
                say_errno(walk, path, errno);
                walk->dir->count--;
                sk_free((void *)(uintptr_t)file->path);
                return;
        }
        sk_buf text = sk_buf_make(FILE_MAX_BYTES);
        size_t before = sk_findings_count(walk->findings);
        read_open_file(walk, path, fd, &text);
        (void)close(fd);
        if (walk->err == SK_OK && sk_findings_count(walk->findings) == before) {
                char *copy = text.len == 0 ? NULL : sk_alloc_copy(text.at, text.len);
                if (copy == NULL && text.len > 0)
                        walk->err = SK_ERR_NO_MEMORY;
                else if (copy != NULL)
                        file->text = (sk_slice){copy, text.len};
        } else {
                walk->dir->count--;
                sk_free((void *)(uintptr_t)file->path);
        }
        sk_buf_free(&text);
}

/** Whether a chain may have such a file; what kind it is, the edition knows. */
static bool is_ours(const char *name) {
        const char *dot = strrchr(name, '.');
        return dot != NULL && dot > name && (strcmp(dot, ".json") == 0 || strcmp(dot, ".ics") == 0);
}

static void walk_folder(visitor *walk, const char *path, unsigned depth);

static void visit(visitor *walk, const char *folder, const char *name, unsigned depth) {
        char path[PATH_BYTES_MAX];
        struct stat info;
        int len = snprintf(path, sizeof path, "%s%s%s", folder, folder[0] == '\0' ? "" : "/", name);
        if (name[0] == '.' || len < 0 || (size_t)len >= sizeof path)
                return;
        if (is_ours(name))
                read_file(walk, path);
        else if (depth < DEPTH_MAX && fstatat(walk->root, path, &info, 0) == 0 && S_ISDIR(info.st_mode))
                walk_folder(walk, path, depth + 1);
}

static void walk_folder(visitor *walk, const char *path, unsigned depth) {
        int fd = open_below(walk, path[0] == '\0' ? "." : path, O_DIRECTORY);
        DIR *folder = fd < 0 ? NULL : fdopendir(fd);
        if (folder == NULL) {
                say_errno(walk, path, errno);
                if (fd >= 0)
                        (void)close(fd);
                return;
        }
        const struct dirent *entry;
        while (walk->err == SK_OK && !walk->is_full && (entry = readdir(folder)) != NULL) {
                if (++walk->entries > ENTRIES_MAX) {
                        say(walk, "", "too-many-files", "the chain directory has more than 200,000 entries",
                            "take away what is no part of the chain");
                        walk->is_full = true;
                        break;
                }
                visit(walk, path, entry->d_name, depth);
        }
        (void)closedir(folder);
}

static void say_root(visitor *walk, const char *path, int error) {
        char text[256];
        (void)snprintf(text, sizeof text, "the chain directory %s cannot be read: %s", sk_quote(sk_slice_of(path)).text,
                       strerrordesc_np(error));
        say(walk, "", "chain-missing", text, "name the directory that has chain.json in it, with -C DIR");
}

sk_err sk_chain_dir_read(const char *path, sk_findings *findings, sk_chain_dir **out) {
        assert(path != NULL);
        assert(findings != NULL);
        assert(out != NULL);
        size_t errors = sk_findings_count_of(findings, SK_ERROR);
        sk_chain_dir *dir = sk_alloc_zero(1, sizeof *dir);
        if (dir == NULL)
                return SK_ERR_NO_MEMORY;
        visitor walk = {.dir = dir, .findings = findings};
        walk.root = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (walk.root < 0) {
                say_root(&walk, path, errno);
        } else {
                walk_folder(&walk, "", 0);
                (void)close(walk.root);
        }
        if (walk.err != SK_OK) {
                sk_chain_dir_free(dir);
                return walk.err;
        }
        sk_findings_sort(findings);
        *out = dir;
        return sk_findings_count_of(findings, SK_ERROR) > errors ? SK_ERR_CONFIG : SK_OK;
}

void sk_chain_dir_free(sk_chain_dir *dir) {
        if (dir == NULL)
                return;
        for (size_t i = 0; i < dir->count; i++) {
                sk_free((void *)(uintptr_t)dir->files[i].path);
                if (dir->files[i].text.len > 0)
                        sk_free((void *)(uintptr_t)dir->files[i].text.at);
        }
        sk_free(dir->files);
        sk_free(dir);
}

const sk_chain_file *sk_chain_dir_files(const sk_chain_dir *dir, size_t *out_count) {
        assert(dir != NULL);
        assert(out_count != NULL);
        *out_count = dir->count;
        return dir->files;
}

const sk_chain_file *sk_chain_dir_find(const sk_chain_dir *dir, const char *path) {
        assert(dir != NULL);
        assert(path != NULL);
        for (size_t i = 0; i < dir->count; i++) {
                if (strcmp(dir->files[i].path, path) == 0)
                        return &dir->files[i];
        }
        return NULL;
}

sk_err sk_chain_dir_build(const char *path, sk_findings *findings, sk_edition **out) {
        sk_chain_dir *dir = NULL;
        sk_edition *edition = NULL;
        sk_err err = sk_chain_dir_read(path, findings, &dir);
        if (dir == NULL)
                return err;
        size_t count;
        const sk_chain_file *files = sk_chain_dir_files(dir, &count);
        if (count > 0 || err == SK_OK) {
                sk_err built = sk_edition_build(files, count, sk_zone_files(), findings, &edition);
                err = built == SK_ERR_NO_MEMORY || err == SK_OK ? built : err;
        }
        sk_chain_dir_free(dir);
        if (err != SK_OK) {
                sk_edition_release(edition);
                return err;
        }
        *out = edition;
        return SK_OK;
}
