#ifndef SK_HOW_SANDBOX_H
#define SK_HOW_SANDBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * What a program of a team may do: what this kernel can enforce, and putting the calling process under it. Everything
 * here is inherited by whatever the program starts, and cannot be taken back.
 *
 *   no new privileges · a session of its own · no capabilities · limits · Landlock (files) · seccomp (system calls)
 */

/** What can be enforced on this machine. */
typedef struct sk_sandbox_host {
        int landlock;     /**< version of its interface; 0: there is none */
        bool has_seccomp; /**< filters of system calls, for this processor */
        bool is_root;     /**< programs keep the user, without its privileges */
} sk_sandbox_host;

/** Asks the kernel; changes nothing. */
sk_sandbox_host sk_sandbox_look(void);
/** Whether all of a strict sandbox can be had; else @p why gets what lacks, which may be NULL. */
bool sk_sandbox_is_whole(const sk_sandbox_host *host, const char **why);

/** The rules for one program; texts borrowed. */
typedef struct sk_sandbox_rules {
        const char *program_dir; /**< may be read and run */
        const char *scratch_dir; /**< may be read and written */
        const char *const *read; /**< may be read; NULL at the end */
        bool has_network;
        uint32_t cpu_s;
        uint32_t memory_mib;
        uint32_t files;
        uint32_t file_mib;
} sk_sandbox_rules;

/**
 * Puts this process under the rules, as far as the host can. To be called between fork and exec; async-signal-safe but
 * for what it is given.
 *
 * @return NULL; or static text of what failed, errno says why
 */
const char *sk_sandbox_enter(const sk_sandbox_host *host, const sk_sandbox_rules *rules);

/* ---- sandbox_calls.c ---- */

/** Forbids system calls that a program does not need, and those of the network unless allowed; false: errno. */
bool sk_sandbox_calls(bool has_network);
/** Whether filters for this processor are known and the kernel takes them. */
bool sk_sandbox_has_calls(void);

#endif
