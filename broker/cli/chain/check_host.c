/*
 * What the kernel of this machine can enforce on the programs of work instructions. A strict sandbox needs all of it.
 */
#include "cli/chain/check_host.h"

#include <stdio.h>

#include "how/sandbox.h"

typedef struct part {
        const char *name;
        bool is_there;
        const char *keeps; /* what it does */
} part;

enum { PARTS = 5 };

static void parts_of(const sk_sandbox_host *host, part out[PARTS]) {
        const part parts[PARTS] = {
                {"privileges", true, "no new ones, and none of root's"},
                {"limits", true, "time, memory, files, processes, output, what is written"},
                {"landlock", host->landlock > 0,
                 "files: the program's folder and what is listed, to be read; its own, to be written"},
                {"landlock-scope", host->landlock >= 6, "signals reach no other process"},
                {"seccomp", host->has_seccomp, "system calls: no network unless allowed, none that leave the sandbox"},
        };
        for (size_t i = 0; i < PARTS; i++)
                out[i] = parts[i];
}

static int print_json(sk_cli *cli, const sk_sandbox_host *host, const part *parts, bool is_whole) {
        sk_json_writer *json = sk_cli_json_begin(cli);
        sk_json_open_object(json, NULL);
        sk_json_put_bool(json, "strict", is_whole);
        sk_json_put_int(json, "landlock_version", host->landlock);
        sk_json_put_bool(json, "root", host->is_root);
        for (size_t i = 0; i < PARTS; i++)
                sk_json_put_bool(json, parts[i].name, parts[i].is_there);
        sk_json_close_object(json);
        int status = sk_cli_json_end(cli);
        return status == SK_EXIT_OK && !is_whole ? SK_EXIT_NEGATIVE : status;
}

int sk_host_check(sk_cli *cli) {
        sk_sandbox_host host = sk_sandbox_look();
        part parts[PARTS];
        const char *lacks = NULL;
        bool is_whole = sk_sandbox_is_whole(&host, &lacks);
        parts_of(&host, parts);
        if (sk_cli_is_json(cli))
                return print_json(cli, &host, parts, is_whole);
        for (size_t i = 0; i < PARTS; i++)
                sk_cli_print(cli, "%-14s  %-3s  %s\n", parts[i].name, parts[i].is_there ? "yes" : "no", parts[i].keeps);
        if (is_whole)
                sk_cli_print(cli, "programs run in a strict sandbox here\n");
        else
                sk_cli_print(cli,
                             "no strict sandbox here: %s\nrun them elsewhere, or take what there is: \"exec\": "
                             "{\"sandbox\": \"reduced\"} in team.json\n",
                             lacks);
        if (host.is_root)
                sk_cli_print(cli, "this is root: programs keep the user without its privileges; a user of its own for "
                                  "schakeld is better\n");
        return is_whole ? SK_EXIT_OK : SK_EXIT_NEGATIVE;
}
