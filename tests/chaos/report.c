#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "chaos/chaos.h"
#include "kit/json_scan.h"

/*
 * What `schakel report` makes of it: for each agreement the provider's figures, from his events, and the customer's, from
 * what he was told, are the same, and are about all calls that there were.
 */

#define TEXT_BYTES ((size_t)1 << 20)
#define DEPTH_MAX 32

static const char *run(chaos *c) {
        static char text[TEXT_BYTES];
        const char *path = folder_file(&c->links.folder, "report.json");
        int status = 0;
        pid_t pid = fork();

        assert_true(pid >= 0);
        if (pid == 0) {
                int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
                (void)dup2(fd, STDOUT_FILENO);
                (void)execl(program_path("schakel"), "schakel", "report", "--json", "-C", c->links.chain_dir, "--log",
                            c->direct_url, (char *)NULL);
                _exit(127);
        }
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_int_equal(status, 0);
        FILE *file = fopen(path, "re");
        assert_non_null(file);
        size_t len = fread(text, 1, sizeof(text) - 1, file);
        (void)fclose(file);
        text[len] = '\0';
        assert_int_equal(sk_json_check(sk_slice_of(text), DEPTH_MAX, NULL), SK_OK);
        return text;
}

static bool is_true(sk_slice object, const char *name) {
        return sk_json_kind_of(sk_json_member(object, name)) == SK_JSON_TRUE;
}

/* Of one end of one agreement, all types of calls together. */
static unsigned closed_at(sk_slice agreement, const char *end) {
        sk_json_walk walk = sk_json_walk_make(sk_json_member(agreement, end));
        sk_slice name;
        sk_slice row;
        unsigned sum = 0;

        while (sk_json_walk_next(&walk, &name, &row)) {
                int64_t closed = 0;
                int64_t open = -1;
                assert_true(sk_json_member_int(row, "closed", 0, INT32_MAX, &closed));
                assert_true(sk_json_member_int(row, "open", 0, INT32_MAX, &open));
                assert_int_equal(open, 0);
                sum += (unsigned)closed;
        }
        return sum;
}

static unsigned expected_of(const chaos *c, sk_slice customer, sk_slice provider) {
        unsigned all = atomic_load(&c->raised);
        unsigned kinds[3];

        chaos_kinds_of(all, kinds);
        return sk_slice_is(customer, "desk") && sk_slice_is(provider, "stock") ? kinds[0] + kinds[1] : all;
}

static void check_agreement(const chaos *c, sk_slice agreement, sk_arena *arena) {
        sk_slice customer = sk_json_member_string(agreement, "customer", arena);
        sk_slice provider = sk_json_member_string(agreement, "provider", arena);
        unsigned expected = expected_of(c, customer, provider);
        unsigned at_provider = closed_at(agreement, "at_provider");
        unsigned at_customer = closed_at(agreement, "at_customer");

        if (!is_true(agreement, "equal") || at_provider != expected || at_customer != expected)
                fail_msg("the report of %.*s and %.*s: %u calls were closed, the provider tells of %u, the customer of "
                         "%u",
                         (int)customer.len, customer.at, (int)provider.len, provider.at, expected, at_provider,
                         at_customer);
}

void chaos_report_check(chaos *c) {
        sk_slice ends = sk_json_member(sk_slice_of(run(c)), "ends");
        sk_json_walk walk = sk_json_walk_make(sk_json_member(ends, "agreements"));
        sk_arena *arena = sk_arena_new((size_t)1 << 20);
        sk_slice name;
        sk_slice agreement;
        unsigned agreements = 0;

        assert_true(is_true(ends, "equal"));
        assert_true(is_true(ends, "comparable"));
        assert_false(is_true(ends, "moving"));
        while (sk_json_walk_next(&walk, &name, &agreement)) {
                check_agreement(c, agreement, arena);
                agreements++;
        }
        sk_arena_free(arena);
        assert_int_equal(agreements, CHAOS_TEAMS);
        chaos_say(c, "reports: the same figures at both ends of each of %u agreements", agreements);
}
