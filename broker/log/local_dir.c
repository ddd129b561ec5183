#include "log/local_dir.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "kit/alloc.h"
#include "log/local_proof.h"

/*
 * Locks are open-file-description locks: they belong to the descriptor, not to the process, so that two links in one
 * process exclude each other too and closing some other descriptor of the file lets nothing go.
 *
 * A socket's address holds 107 bytes. A longer path is reached through the folder's descriptor below /proc/self/fd.
 */

#define TEAM_MAX 40
#define NAME_ROOM (TEAM_MAX + 8)

struct sk_local_dir {
        char path[SK_LOCAL_PATH_MAX];
        int fd;
        int wake_fd;
        int last_errno;
};

static sk_err fail(sk_local_dir *dir, sk_err err) {
        dir->last_errno = errno;
        return err;
}

static bool name_write(sk_slice team, const char *suffix, char out[NAME_ROOM]) {
        if (team.len == 0 || team.len > TEAM_MAX)
                return false;
        for (size_t i = 0; i < team.len; i++) {
                char c = team.at[i];
                bool is_letter = c >= 'a' && c <= 'z';
                if (!is_letter && (i == 0 || (c != '-' && !(c >= '0' && c <= '9'))))
                        return false;
        }
        (void)snprintf(out, NAME_ROOM, "%.*s%s", (int)team.len, team.at, suffix);
        return true;
}

static sk_err open_failed(const char *path, char *why) {
        if (why != NULL)
                (void)snprintf(why, SK_LOCAL_WHY_MAX, "the folder %.300s of the log cannot be used: %s", path,
                               strerror(errno));
        switch (errno) {
        case ENOENT:
                return SK_ERR_NOT_FOUND;
        case EACCES:
        case EROFS:
        case ENOTDIR:
                return SK_ERR_CONFIG;
        default:
                return SK_ERR_IO;
        }
}

sk_err sk_local_dir_open(const char *file, bool may_create, char why[SK_LOCAL_WHY_MAX], sk_local_dir **out) {
        assert(file != NULL);
        assert(out != NULL);
        if (strlen(file) + 3 > SK_LOCAL_PATH_MAX)
                return SK_ERR_SIZE;
        sk_local_dir *dir = sk_alloc_zero(1, sizeof(*dir));
        if (dir == NULL)
                return SK_ERR_NO_MEMORY;

        (void)snprintf(dir->path, sizeof(dir->path), "%s.d", file);
        dir->fd = -1;
        dir->wake_fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        if (may_create && mkdir(dir->path, 0770) < 0 && errno != EEXIST) {
                sk_err err = open_failed(dir->path, why);
                sk_local_dir_free(dir);
                return err == SK_ERR_NOT_FOUND ? SK_ERR_IO : err;
        }
        dir->fd = open(dir->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        bool is_closed = dir->fd >= 0 && may_create && faccessat(dir->fd, ".", W_OK | X_OK, AT_EACCESS) < 0;
        if (dir->fd < 0 || dir->wake_fd < 0 || is_closed) {
                sk_err err = open_failed(dir->path, why);
                sk_local_dir_free(dir);
                return err;
        }
        *out = dir;
        return SK_OK;
}

void sk_local_dir_free(sk_local_dir *dir) {
        if (dir == NULL)
                return;
        if (dir->fd >= 0)
                close(dir->fd);
        if (dir->wake_fd >= 0)
                close(dir->wake_fd);
        sk_free(dir);
}

int sk_local_dir_errno(const sk_local_dir *dir) {
        assert(dir != NULL);
        return dir->last_errno;
}

static struct flock whole_file(short type) {
        return (struct flock){.l_type = type, .l_whence = SEEK_SET, .l_start = 0, .l_len = 0, .l_pid = 0};
}

static void holder_write(int fd) {
        char text[64];
        int len = snprintf(text, sizeof(text), "process %ld\n", (long)getpid());

        /* For people only: a failure changes nothing. */
        if (ftruncate(fd, 0) == 0 && pwrite(fd, text, (size_t)len, 0) < 0)
                (void)ftruncate(fd, 0);
}

sk_err sk_local_dir_lock(sk_local_dir *dir, sk_slice team, int *out_fd) {
        assert(dir != NULL);
        assert(out_fd != NULL);
        char name[NAME_ROOM];
        struct flock lock = whole_file(F_WRLCK);

        if (!name_write(team, ".lock", name))
                return SK_ERR_RANGE;
        int fd = openat(dir->fd, name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0660);
        if (fd < 0)
                return fail(dir, SK_ERR_IO);
        if (fcntl(fd, F_OFD_SETLK, &lock) < 0) {
                sk_err err = fail(dir, errno == EAGAIN || errno == EACCES ? SK_ERR_BUSY : SK_ERR_IO);
                close(fd);
                return err;
        }
        if (!sk_local_dir_lock_stands(dir, team, fd)) {
                close(fd);
                return SK_ERR_BUSY;
        }
        holder_write(fd);
        *out_fd = fd;
        return SK_OK;
}

bool sk_local_dir_lock_stands(sk_local_dir *dir, sk_slice team, int fd) {
        char name[NAME_ROOM];
        struct stat ours;
        struct stat there;

        return name_write(team, ".lock", name) && fstat(fd, &ours) == 0 &&
               fstatat(dir->fd, name, &there, AT_SYMLINK_NOFOLLOW) == 0 && ours.st_dev == there.st_dev &&
               ours.st_ino == there.st_ino;
}

bool sk_local_dir_is_held(sk_local_dir *dir, sk_slice team) {
        char name[NAME_ROOM];
        struct flock lock = whole_file(F_WRLCK);

        if (!name_write(team, ".lock", name))
                return false;
        int fd = openat(dir->fd, name, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
        if (fd < 0)
                return false;
        bool is_held = fcntl(fd, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
        close(fd);
        return is_held;
}

void sk_local_dir_holder(sk_local_dir *dir, sk_slice team, char *out, size_t room) {
        assert(room > 0);
        char name[NAME_ROOM];

        out[0] = '\0';
        if (!name_write(team, ".lock", name))
                return;
        int fd = openat(dir->fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
        if (fd < 0)
                return;
        ssize_t len = pread(fd, out, room - 1, 0);
        close(fd);
        out[len > 0 ? len : 0] = '\0';
        /* What follows the first odd byte, the line's end at the latest, is not for a log line. */
        out[strspn(out, "abcdefghijklmnopqrstuvwxyz 0123456789")] = '\0';
}

static void address_of(const sk_local_dir *dir, const char *name, struct sockaddr_un *out) {
        *out = (struct sockaddr_un){.sun_family = AF_UNIX};
        int len = snprintf(out->sun_path, sizeof(out->sun_path), "%s/%s", dir->path, name);
        if (len < 0 || (size_t)len >= sizeof(out->sun_path))
                (void)snprintf(out->sun_path, sizeof(out->sun_path), "/proc/self/fd/%d/%s", dir->fd, name);
}

sk_err sk_local_dir_bind(sk_local_dir *dir, sk_slice team, int *out_fd) {
        assert(dir != NULL);
        assert(out_fd != NULL);
        char name[NAME_ROOM];
        struct sockaddr_un address;

        if (!name_write(team, ".sock", name))
                return SK_ERR_RANGE;
        int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        if (fd < 0)
                return fail(dir, SK_ERR_IO);
        (void)unlinkat(dir->fd, name, 0);
        address_of(dir, name, &address);
        if (bind(fd, (const struct sockaddr *)&address, sizeof(address)) < 0) {
                sk_err err = fail(dir, SK_ERR_IO);
                close(fd);
                return err;
        }
        int wants_senders = 1;
        (void)setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &wants_senders, sizeof(wants_senders));
        /* Tools of the same group wake the team too. */
        (void)fchmodat(dir->fd, name, 0660, 0);
        *out_fd = fd;
        return SK_OK;
}

static void send_to(sk_local_dir *dir, sk_slice team, const char *bytes, size_t len) {
        char name[NAME_ROOM];
        struct sockaddr_un address;

        if (!name_write(team, ".sock", name))
                return;
        address_of(dir, name, &address);
        (void)sendto(dir->wake_fd, bytes, len, MSG_DONTWAIT | MSG_NOSIGNAL, (const struct sockaddr *)&address,
                     sizeof(address));
}

void sk_local_dir_wake(sk_local_dir *dir, sk_slice team) {
        assert(dir != NULL);
        send_to(dir, team, "w", 1);
}

void sk_local_dir_announce(sk_local_dir *dir, sk_slice team, sk_slice id) {
        char bytes[1 + SK_LOCAL_ID_MAX] = "i";

        assert(dir != NULL);
        if (id.len != SK_LOCAL_ID_MAX)
                return;
        memcpy(bytes + 1, id.at, id.len);
        send_to(dir, team, bytes, sizeof(bytes));
}
