#include "support/folder.h"

#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

void folder_make(test_folder *folder) {
        const char *where = getenv("TMPDIR");

        (void)snprintf(folder->path, sizeof(folder->path), "%.400s/schakel-test-XXXXXX",
                       where == NULL ? "/tmp" : where);
        assert_non_null(mkdtemp(folder->path));
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *where) {
        (void)status;
        (void)kind;
        (void)where;
        return remove(path);
}

void folder_remove(test_folder *folder) {
        (void)nftw(folder->path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

const char *folder_file(const test_folder *folder, const char *name) {
        static char paths[4][2 * FOLDER_PATH_MAX];
        static unsigned turn;
        char *path = paths[turn++ % 4];

        (void)snprintf(path, sizeof(paths[0]), "%s/%.400s", folder->path, name);
        return path;
}
