/*
 * Limits, privileges and files. Landlock's interface is used by number, so that what the headers of the build know does not
 * decide what a kernel may do; rights that a kernel does not know are left out, and what it knows of is always handled.
 */

#include "how/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#define LANDLOCK_CREATE 444
#define LANDLOCK_ADD 445
#define LANDLOCK_RESTRICT 446
#define LANDLOCK_VERSION 1u
#define LANDLOCK_PATH_BENEATH 1

#define EXECUTE (UINT64_C(1) << 0)
#define WRITE_FILE (UINT64_C(1) << 1)
#define READ_FILE (UINT64_C(1) << 2)
#define READ_DIR (UINT64_C(1) << 3)
#define FS_RIGHTS_1 13 /* of version 1; each later one adds one: refer, truncate, (net), ioctl on devices */
#define IOCTL_DEV (UINT64_C(1) << 15)
#define TRUNCATE (UINT64_C(1) << 14)
#define NET_BIND UINT64_C(1)
#define NET_CONNECT UINT64_C(2)
#define SCOPE_SOCKETS UINT64_C(1)
#define SCOPE_SIGNALS UINT64_C(2)
#define CAPABILITIES_MAX 64

typedef struct landlock_rules {
        uint64_t fs;
        uint64_t net;
        uint64_t scoped;
} landlock_rules;

typedef struct landlock_path {
        uint64_t allowed;
        int32_t parent_fd;
} __attribute__((packed)) landlock_path;

sk_sandbox_host sk_sandbox_look(void) {
        long version = syscall(LANDLOCK_CREATE, NULL, (size_t)0, LANDLOCK_VERSION);

        return (sk_sandbox_host){.landlock = version > 0 ? (int)version : 0,
                                 .has_seccomp = sk_sandbox_has_calls(),
                                 .is_root = geteuid() == 0};
}

bool sk_sandbox_is_whole(const sk_sandbox_host *host, const char **why) {
        const char *lacks = host->landlock == 0  ? "the kernel has no Landlock: files cannot be kept from programs"
                            : !host->has_seccomp ? "the kernel takes no filters of system calls for this processor"
                                                 : NULL;

        if (why != NULL)
                *why = lacks;
        return lacks == NULL;
}

/* ---- limits ---- */

static bool limit(int what, uint64_t most) {
        struct rlimit now;

        if (getrlimit((__rlimit_resource_t)what, &now) != 0)
                return false;
        if (now.rlim_max != RLIM_INFINITY && most > now.rlim_max)
                most = now.rlim_max;
        struct rlimit wanted = {.rlim_cur = most, .rlim_max = most};
        return setrlimit((__rlimit_resource_t)what, &wanted) == 0;
}

static bool limits_set(const sk_sandbox_rules *rules) {
        return limit(RLIMIT_CPU, rules->cpu_s) && limit(RLIMIT_AS, (uint64_t)rules->memory_mib << 20) &&
               limit(RLIMIT_FSIZE, (uint64_t)rules->file_mib << 20) && limit(RLIMIT_CORE, 0) &&
               limit(RLIMIT_MEMLOCK, 65536) && limit(RLIMIT_MSGQUEUE, 0);
}

/* Root without capabilities is a user like another, but for the files it owns. */
static bool privileges_drop(void) {
        struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
        struct __user_cap_data_struct none[2] = {{0}, {0}};

        if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
                return false;
        if (geteuid() != 0)
                return true;
        for (unsigned long i = 0; i < CAPABILITIES_MAX; i++)
                (void)prctl(PR_CAPBSET_DROP, i, 0, 0, 0);
        return syscall(SYS_capset, &header, none) == 0;
}

/* ---- files ---- */

static uint64_t fs_rights(int version) {
        uint64_t rights = (UINT64_C(1) << FS_RIGHTS_1) - 1;

        if (version >= 2)
                rights |= UINT64_C(1) << 13;
        if (version >= 3)
                rights |= TRUNCATE;
        if (version >= 5)
                rights |= IOCTL_DEV;
        return rights;
}

/* A path that is not there needs no rule. Of a file only what files have can be allowed. */
static bool allow(int rules_fd, const char *path, uint64_t rights) {
        int fd = open(path, O_PATH | O_CLOEXEC);

        if (fd < 0)
                return errno == ENOENT || errno == ENOTDIR || errno == EACCES;
        landlock_path rule = {.allowed = rights, .parent_fd = fd};
        bool is_added = syscall(LANDLOCK_ADD, rules_fd, LANDLOCK_PATH_BENEATH, &rule, 0u) == 0;
        if (!is_added && errno == EINVAL) {
                rule.allowed = rights & (EXECUTE | WRITE_FILE | READ_FILE);
                is_added = syscall(LANDLOCK_ADD, rules_fd, LANDLOCK_PATH_BENEATH, &rule, 0u) == 0;
        }
        int error = errno;
        (void)close(fd);
        errno = error;
        return is_added;
}

/* The system's programs and libraries, and what these need to start. */
static bool system_allow(int rules_fd, bool has_network) {
        static const char *const run[] = {"/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", NULL};
        static const char *const read[] = {"/etc/ld.so.cache",
                                           "/etc/ld.so.conf",
                                           "/etc/ld.so.conf.d",
                                           "/etc/alternatives",
                                           "/etc/localtime",
                                           "/etc/locale.alias",
                                           "/etc/ssl/openssl.cnf",
                                           "/dev/zero",
                                           "/dev/urandom",
                                           "/dev/random",
                                           NULL};
        static const char *const net[] = {"/etc/hosts",
                                          "/etc/resolv.conf",
                                          "/etc/nsswitch.conf",
                                          "/etc/services",
                                          "/etc/gai.conf",
                                          "/etc/ssl/certs",
                                          NULL};
        bool is_good = allow(rules_fd, "/dev/null", READ_FILE | WRITE_FILE);

        for (size_t i = 0; run[i] != NULL && is_good; i++)
                is_good = allow(rules_fd, run[i], EXECUTE | READ_FILE | READ_DIR);
        for (size_t i = 0; read[i] != NULL && is_good; i++)
                is_good = allow(rules_fd, read[i], READ_FILE | READ_DIR);
        for (size_t i = 0; has_network && net[i] != NULL && is_good; i++)
                is_good = allow(rules_fd, net[i], READ_FILE | READ_DIR);
        return is_good;
}

static bool paths_allow(int rules_fd, const sk_sandbox_host *host, const sk_sandbox_rules *rules) {
        bool is_good = system_allow(rules_fd, rules->has_network) &&
                       allow(rules_fd, rules->program_dir, EXECUTE | READ_FILE | READ_DIR) &&
                       allow(rules_fd, rules->scratch_dir, fs_rights(host->landlock) & ~IOCTL_DEV);

        for (size_t i = 0; is_good && rules->read != NULL && rules->read[i] != NULL; i++)
                is_good = allow(rules_fd, rules->read[i], READ_FILE | READ_DIR);
        return is_good;
}

static bool files_restrict(const sk_sandbox_host *host, const sk_sandbox_rules *rules) {
        landlock_rules handled = {.fs = fs_rights(host->landlock)};
        size_t size = sizeof(handled.fs);

        if (host->landlock >= 4) {
                handled.net = rules->has_network ? 0 : NET_BIND | NET_CONNECT;
                size += sizeof(handled.net);
        }
        if (host->landlock >= 6) {
                handled.scoped = SCOPE_SOCKETS | SCOPE_SIGNALS;
                size += sizeof(handled.scoped);
        }
        int fd = (int)syscall(LANDLOCK_CREATE, &handled, size, 0u);
        if (fd < 0)
                return false;
        bool is_good = paths_allow(fd, host, rules) && syscall(LANDLOCK_RESTRICT, fd, 0u) == 0;
        int error = errno;
        (void)close(fd);
        errno = error;
        return is_good;
}

const char *sk_sandbox_enter(const sk_sandbox_host *host, const sk_sandbox_rules *rules) {
        if (!limits_set(rules))
                return "its limits cannot be set";
        if (!privileges_drop())
                return "its privileges cannot be dropped";
        if (host->landlock > 0 && !files_restrict(host, rules))
                return "files cannot be kept from it";
        /* Last: what is closed at exec is open until then, and the rules open files. */
        if (!limit(RLIMIT_NOFILE, rules->files))
                return "its limits cannot be set";
        if (host->has_seccomp && !sk_sandbox_calls(rules->has_network))
                return "system calls cannot be kept from it";
        return NULL;
}
