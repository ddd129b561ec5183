/* The files of the example chains fit the schemas that editors use for them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kit/json_scan.h"
#include "kit/schema.h"

#define FILE_MAX_BYTES ((size_t)1 << 20)

static const char *const kinds[] = {"chain", "agreement", "team", "infrastructure", "routine", "form"};
#define KINDS (sizeof kinds / sizeof *kinds)

static struct {
        sk_schema *schemas[KINDS];
        sk_schema_run *run;
        unsigned files[KINDS];
} f;

static sk_slice read_file(const char *path) {
        FILE *file = fopen(path, "r");
        char *text = malloc(FILE_MAX_BYTES);

        if (file == NULL || text == NULL)
                fail_msg("%s cannot be read", path);
        size_t len = fread(text, 1, FILE_MAX_BYTES, file);
        fclose(file);
        while (len > 0 && (unsigned char)text[len - 1] <= ' ')
                len--;
        return (sk_slice){text, len};
}

static int setup(void **state) {
        (void)state;
        f.run = sk_schema_run_new();
        for (size_t i = 0; i < KINDS; i++) {
                char path[128];
                sk_schema_fault fault = {.text = ""};
                (void)snprintf(path, sizeof path, "schemas/%s.schema.json", kinds[i]);
                sk_slice text = read_file(path);
                const sk_schema_text texts[] = {{SK_SLICE("file:s"), text}};
                const sk_schema_source source = {texts, 1, SK_SLICE("file:s"), false};
                if (sk_schema_compile(&source, &f.schemas[i], &fault) != SK_OK)
                        fail_msg("%s: %s %s", path, fault.schema, fault.text);
                free((void *)(uintptr_t)text.at);
        }
        return 0;
}

static int teardown(void **state) {
        (void)state;
        for (size_t i = 0; i < KINDS; i++)
                sk_schema_free(f.schemas[i]);
        sk_schema_run_free(f.run);
        return 0;
}

static size_t kind_of(const char *path) {
        if (strstr(path, "/routines/") != NULL)
                return 4;
        if (strstr(path, "/forms/") != NULL)
                return 5;
        if (strstr(path, "/agreements/") != NULL)
                return 1;
        for (size_t i = 0; i < KINDS; i++) {
                char end[64];
                (void)snprintf(end, sizeof end, "/%s.json", kinds[i]);
                size_t len = strlen(path), tail = strlen(end);
                if (len > tail && strcmp(path + len - tail, end) == 0)
                        return i;
        }
        return KINDS;
}

static int check(const char *path, const struct stat *info, int type, struct FTW *where) {
        size_t kind = kind_of(path);
        sk_schema_fault fault = {.text = ""};

        (void)info;
        (void)where;
        if (type != FTW_F || kind == KINDS || strstr(path, ".json") == NULL || strstr(path, "/history/") != NULL)
                return 0;
        sk_slice text = read_file(path);
        assert_int_equal(sk_json_check(text, 32, NULL), SK_OK);
        if (sk_schema_check(f.schemas[kind], f.run, text, &fault) != SK_OK)
                fail_msg("%s: \"%s\" %s (%s)", path, fault.instance, fault.text, fault.schema);
        f.files[kind]++;
        free((void *)(uintptr_t)text.at);
        return 0;
}

static void test_every_file_of_the_examples_fits_the_schema_of_its_kind(void **state) {
        (void)state;
        assert_int_equal(nftw("teams", check, 16, FTW_PHYS), 0);
        assert_int_equal(nftw("tests/data/chains/colleagues", check, 16, FTW_PHYS), 0);
        assert_true(f.files[0] >= 3 && f.files[1] >= 3 && f.files[2] >= 10 && f.files[4] >= 10 && f.files[5] >= 2);
}

static void test_a_slip_of_the_pen_does_not_fit(void **state) {
        (void)state;
        assert_int_equal(sk_schema_check(f.schemas[0], f.run, SK_SLICE("{\"name\":\"x\",\"partition\":4}"), NULL),
                         SK_ERR_CONFLICT);
        assert_int_equal(sk_schema_check(f.schemas[4], f.run,
                                         SK_SLICE("{\"process\":\"operate\",\"activities\":{\"operate.preform\":{}}}"),
                                         NULL),
                         SK_ERR_CONFLICT);
        static const char *const forms[] = {"{\"properties\":{\"a\":{\"tpye\":\"string\"}}}", "{\"type\":\"text\"}",
                                            "{\"required\":\"a\"}", "{\"$ref\":\"https://forms.example/a.json\"}",
                                            "{\"$id\":\"a\"}"};
        for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
                assert_int_equal(sk_schema_check(f.schemas[5], f.run, sk_slice_of(forms[i]), NULL), SK_ERR_CONFLICT);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_every_file_of_the_examples_fits_the_schema_of_its_kind),
                cmocka_unit_test(test_a_slip_of_the_pen_does_not_fit),
        };
        return cmocka_run_group_tests(tests, setup, teardown);
}
