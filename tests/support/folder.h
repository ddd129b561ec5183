#ifndef SK_TESTS_SUPPORT_FOLDER_H
#define SK_TESTS_SUPPORT_FOLDER_H

/* A temporary folder of a test, gone with all that is in it when the test has ended. */

#define FOLDER_PATH_MAX 512

typedef struct test_folder {
        char path[FOLDER_PATH_MAX];
} test_folder;

/** Makes the folder; fails the test if that cannot be. */
void folder_make(test_folder *folder);
/** Removes it and everything below. */
void folder_remove(test_folder *folder);
/** Path of @p name in it; good until the next call but three. */
const char *folder_file(const test_folder *folder, const char *name);

#endif
