/*
 * The chain of a demonstration is a copy of the one that was named, in its folder: what links write beside their
 * routines (a register, say) stays there, and whoever edits it spoils nothing. Copied is what belongs to a chain and no
 * more. A copy has its name only when it is whole.
 */
#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/demo/demo.h"

#define COPY_NEW SK_DEMO_CHAIN ".new"
#define DEPTH_MAX 8
#define BYTES_MAX ((uint64_t)64 << 20) /* of a chain */
#define BLOCK_BYTES 65536

typedef struct copying {
        const sk_demo *demo;
        struct stat folder; /**< of the demonstration, which is no part of the chain */
        uint64_t bytes;
        char block[BLOCK_BYTES];
} copying;

static int fail(const copying *at, const char *path, const char *why) {
        return sk_cli_fail(at->demo->cli, path, "see to it that it can be read, or name another folder: --folder DIR",
                           "%s", why);
}

static bool join(const copying *at, const char *folder, const char *name, char out[SK_DEMO_PATH_MAX]) {
        int len = snprintf(out, SK_DEMO_PATH_MAX, "%s/%s", folder, name);
        if (len > 0 && len < SK_DEMO_PATH_MAX)
                return true;
        (void)fail(at, folder, "a path in it is too long");
        return false;
}

/* ---- files ---- */

static bool write_all(int to, const char *block, size_t len) {
        while (len > 0) {
                ssize_t written = write(to, block, len);
                if (written < 0 && errno == EINTR)
                        continue;
                if (written < 0)
                        return false;
                block += written;
                len -= (size_t)written;
        }
        return true;
}

static bool pour(copying *at, int from, int to) {
        ssize_t got;
        do {
                got = read(from, at->block, sizeof(at->block));
                if (got > 0 && !write_all(to, at->block, (size_t)got))
                        return false;
                at->bytes += got > 0 ? (uint64_t)got : 0;
        } while ((got > 0 && at->bytes <= BYTES_MAX) || (got < 0 && errno == EINTR));
        return got >= 0;
}

static int copy_file(copying *at, const char *source, const char *target, mode_t mode) {
        int from = open(source, O_RDONLY | O_CLOEXEC);
        int to = from < 0 ? -1 : open(target, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, (mode & 0777) | S_IWUSR);
        bool is_done = to >= 0 && pour(at, from, to);
        int status = is_done ? SK_EXIT_OK : fail(at, source, strerrordesc_np(errno));
        if (from >= 0)
                close(from);
        if (to >= 0 && close(to) < 0 && is_done)
                status = fail(at, target, strerrordesc_np(errno));
        return at->bytes > BYTES_MAX ? fail(at, source, "with this file the chain has more than 64 MiB") : status;
}

/* ---- folders ---- */

static int copy_folder(copying *at, const char *source, const char *target, unsigned depth);

static int copy_entry(copying *at, const char *source, const char *target, unsigned depth) {
        struct stat is;
        if (stat(source, &is) < 0)
                return fail(at, source, strerrordesc_np(errno));
        if (S_ISREG(is.st_mode))
                return copy_file(at, source, target, is.st_mode);
        bool is_own = is.st_dev == at->folder.st_dev && is.st_ino == at->folder.st_ino;
        return S_ISDIR(is.st_mode) && !is_own ? copy_folder(at, source, target, depth + 1) : SK_EXIT_OK;
}

/** At the top there may be anything beside the chain. */
static bool belongs(const copying *at, const char *source, const char *name, unsigned depth) {
        static const char *const names[] = {"chain.json", "agreements", "calendars", "forms", "history"};
        char path[SK_DEMO_PATH_MAX];
        int len = snprintf(path, sizeof(path), "%s/%s/team.json", source, name);
        (void)at;
        for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
                if (strcmp(name, names[i]) == 0)
                        return true;
        return depth > 0 || (len > 0 && (size_t)len < sizeof(path) && access(path, F_OK) == 0);
}

static int copy_entries(copying *at, DIR *entries, const char *source, const char *target, unsigned depth) {
        char from[SK_DEMO_PATH_MAX];
        char to[SK_DEMO_PATH_MAX];
        int status = SK_EXIT_OK;
        for (const struct dirent *entry; status == SK_EXIT_OK && (entry = readdir(entries)) != NULL;) {
                if (entry->d_name[0] == '.' || !belongs(at, source, entry->d_name, depth))
                        continue;
                if (!join(at, source, entry->d_name, from) || !join(at, target, entry->d_name, to))
                        return SK_EXIT_NEGATIVE;
                status = copy_entry(at, from, to, depth);
        }
        return status;
}

static int copy_folder(copying *at, const char *source, const char *target, unsigned depth) {
        if (depth > DEPTH_MAX)
                return fail(at, source, "folders lie too deep in each other");
        if (mkdir(target, 0777) < 0)
                return fail(at, target, strerrordesc_np(errno));
        DIR *entries = opendir(source);
        if (entries == NULL)
                return fail(at, source, strerrordesc_np(errno));
        int status = copy_entries(at, entries, source, target, depth);
        closedir(entries);
        return status;
}

/* ---- the whole ---- */

static int copy(const sk_demo *demo, const char *target) {
        static copying at;
        char unfinished[SK_DEMO_PATH_MAX];
        at = (copying){.demo = demo};
        if (!sk_demo_path(demo, COPY_NEW, unfinished))
                return SK_EXIT_NEGATIVE;
        if (stat(demo->folder, &at.folder) < 0)
                return fail(&at, demo->folder, strerrordesc_np(errno));
        int status = sk_demo_folder_remove(demo, COPY_NEW);
        if (status == SK_EXIT_OK)
                status = copy_folder(&at, demo->source, unfinished, 0);
        if (status == SK_EXIT_OK && rename(unfinished, target) < 0)
                status = fail(&at, target, strerrordesc_np(errno));
        return status;
}

int sk_demo_chain_copy(sk_demo *demo) {
        assert(demo->source != NULL && demo->lock >= 0);
        if (!sk_demo_path(demo, SK_DEMO_CHAIN, demo->copied))
                return SK_EXIT_NEGATIVE;
        int status = access(demo->copied, F_OK) == 0 ? SK_EXIT_OK : copy(demo, demo->copied);
        if (status == SK_EXIT_OK)
                demo->chain = demo->copied;
        return status;
}
