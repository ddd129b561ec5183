/*
 * Zone files of the machine. It stands in this layer because the engine's layers may not touch files.
 */
#include "log/zone_files.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FOLDER "/usr/share/zoneinfo"
#define PATH_BYTES_MAX 4096
#define VERSION_MAX 16

static FILE *open_in(const char *name) {
        char path[PATH_BYTES_MAX];
        const char *folder = getenv("TZDIR");
        int len = snprintf(path, sizeof path, "%s/%s", folder == NULL || folder[0] == '\0' ? FOLDER : folder, name);
        if (len < 0 || (size_t)len >= sizeof path) {
                errno = ENAMETOOLONG;
                return NULL;
        }
        return fopen(path, "rbe");
}

static sk_err load(void *self, const char *name, sk_buf *out) {
        char part[4096];
        size_t len;
        (void)self;
        FILE *file = open_in(name);
        if (file == NULL)
                return errno == ENOENT || errno == ENOTDIR ? SK_ERR_NOT_FOUND : SK_ERR_IO;
        while ((len = fread(part, 1, sizeof part, file)) > 0 && out->err == SK_OK)
                sk_buf_add(out, part, len);
        /* A folder can be opened, and says so only when it is read: "Europe" is no zone. */
        sk_err err = ferror(file) == 0 ? SK_OK : errno == EISDIR ? SK_ERR_NOT_FOUND : SK_ERR_IO;
        (void)fclose(file);
        return err;
}

static sk_zones zones = {.load = load};
static pthread_once_t zones_once = PTHREAD_ONCE_INIT;

/* `# version 2026a`, the first line of the rules that the files were made from. */
static void read_version(void) {
        static char version[VERSION_MAX];
        FILE *file = open_in("tzdata.zi");
        if (file == NULL)
                return;
        if (fscanf(file, "# version %15s", version) == 1)
                zones.version = sk_slice_of(version);
        (void)fclose(file);
}

const sk_zones *sk_zone_files(void) {
        (void)pthread_once(&zones_once, read_version);
        return &zones;
}
