/*
 * The filter of system calls. What is forbidden answers EPERM, so that a program that only tries goes on: what reaches
 * other processes, the kernel's own settings, new namespaces, other ways around Landlock, and leaving the group by which
 * the program is killed. Without leave for the network there are no sockets but pairs.
 */

#include "how/sandbox.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__)
#define ARCHITECTURE AUDIT_ARCH_X86_64
#define CALLS_END 0x40000000u /* behind it is the x32 interface */
#elif defined(__aarch64__)
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#define CALLS_END 0x7fffffffu
#endif

#ifndef ARCHITECTURE

bool sk_sandbox_has_calls(void) {
        return false;
}

bool sk_sandbox_calls(bool has_network) {
        (void)has_network;
        errno = ENOSYS;
        return false;
}

#else

#define IO_URING_SETUP 425 /* by number: they are the same everywhere, and older headers lack some */
#define CLONE3 435
#define PIDFD_GETFD 438
#define MOUNT_SETATTR 442
#define OPEN_TREE 428
#define MOVE_MOUNT 429
#define FSOPEN 430
#define FSMOUNT 432

static const int forbidden[] = {
        SYS_setsid,
        SYS_setpgid,
        SYS_ptrace,
        SYS_process_vm_readv,
        SYS_process_vm_writev,
        SYS_kexec_load,
        SYS_mount,
        SYS_umount2,
        SYS_pivot_root,
        SYS_chroot,
        SYS_unshare,
        SYS_setns,
        SYS_bpf,
        SYS_perf_event_open,
        SYS_userfaultfd,
        SYS_add_key,
        SYS_request_key,
        SYS_keyctl,
        SYS_init_module,
        SYS_finit_module,
        SYS_delete_module,
        SYS_reboot,
        SYS_swapon,
        SYS_swapoff,
        SYS_acct,
        SYS_settimeofday,
        SYS_clock_settime,
        SYS_sethostname,
        SYS_setdomainname,
        SYS_syslog,
        SYS_quotactl,
        SYS_personality,
        SYS_open_by_handle_at,
        SYS_name_to_handle_at,
        SYS_fanotify_init,
        SYS_kcmp,
        SYS_vhangup,
        SYS_adjtimex,
        SYS_clock_adjtime,
        SYS_lookup_dcookie,
        IO_URING_SETUP,
        PIDFD_GETFD,
        MOUNT_SETATTR,
        OPEN_TREE,
        MOVE_MOUNT,
        FSOPEN,
        FSMOUNT,
};

/*
 * Landlock lets whoever owns a file change its mode and owner, wherever it lies. Programs that copy files do so by the way
 * and fail when they cannot: they are told that it is done, and it is not.
 */
#define FCHMODAT2 452

static const int pretended[] = {
#ifdef SYS_chmod
        SYS_chmod,     SYS_chown,     SYS_lchown,
#endif
        SYS_fchmod,    SYS_fchmodat,  FCHMODAT2,       SYS_fchown,       SYS_fchownat,     SYS_setxattr,
        SYS_lsetxattr, SYS_fsetxattr, SYS_removexattr, SYS_lremovexattr, SYS_fremovexattr,
};

enum {
        PRETENDED = sizeof pretended / sizeof *pretended,
        FORBIDDEN = sizeof forbidden / sizeof *forbidden,
        PROGRAM_MAX = 2 * (FORBIDDEN + PRETENDED) + 32,
        NAMESPACES = CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID |
                     CLONE_NEWNET,
};

typedef struct program {
        struct sock_filter lines[PROGRAM_MAX];
        unsigned short count;
} program;

static void add(program *to, struct sock_filter line) {
        to->lines[to->count++] = line;
}

static void load(program *to, size_t offset) {
        add(to, (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (unsigned)offset));
}

static void answer(program *to, unsigned what) {
        add(to, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, what));
}

/* If the number that is loaded is this one, the answer; else on. */
static void answer_if(program *to, unsigned number, unsigned what) {
        add(to, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1));
        answer(to, what);
}

static void architecture_check(program *to) {
        load(to, offsetof(struct seccomp_data, arch));
        add(to, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCHITECTURE, 1, 0));
        answer(to, SECCOMP_RET_KILL_PROCESS);
        load(to, offsetof(struct seccomp_data, nr));
        add(to, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, CALLS_END, 0, 1));
        answer(to, SECCOMP_RET_ERRNO | EPERM);
}

/* New processes are allowed, new namespaces are not; where the flags cannot be seen the older call is to be used. */
static void clone_check(program *to) {
        answer_if(to, CLONE3, SECCOMP_RET_ERRNO | ENOSYS);
        add(to, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone, 0, 4));
        load(to, offsetof(struct seccomp_data, args[0]));
        add(to, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, (unsigned)NAMESPACES, 0, 1));
        answer(to, SECCOMP_RET_ERRNO | EPERM);
        load(to, offsetof(struct seccomp_data, nr));
}

static void network_check(program *to, bool has_network) {
        if (!has_network) {
                answer_if(to, SYS_socket, SECCOMP_RET_ERRNO | EACCES);
                return;
        }
        add(to, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_socket, 0, 6));
        load(to, offsetof(struct seccomp_data, args[0]));
        add(to, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AF_INET, 3, 0));
        add(to, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AF_INET6, 2, 0));
        add(to, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AF_NETLINK, 1, 0));
        answer(to, SECCOMP_RET_ERRNO | EACCES);
        load(to, offsetof(struct seccomp_data, nr));
}

bool sk_sandbox_calls(bool has_network) {
        program whole = {.count = 0};

        architecture_check(&whole);
        clone_check(&whole);
        for (size_t i = 0; i < FORBIDDEN; i++)
                answer_if(&whole, (unsigned)forbidden[i], SECCOMP_RET_ERRNO | EPERM);
        for (size_t i = 0; i < PRETENDED; i++)
                answer_if(&whole, (unsigned)pretended[i], SECCOMP_RET_ERRNO);
        network_check(&whole, has_network);
        answer(&whole, SECCOMP_RET_ALLOW);
        struct sock_fprog filter = {.len = whole.count, .filter = whole.lines};
        return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0u, &filter) == 0;
}

/* Whether the kernel knows of the answer that is given: then it takes filters. */
bool sk_sandbox_has_calls(void) {
        unsigned what = SECCOMP_RET_ERRNO;

        return syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0u, &what) == 0;
}

#endif
