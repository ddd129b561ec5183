#include "log/local_proof.h"

#include <assert.h>
#include <pwd.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>

#include "kit/alloc.h"

#define PROOFS_MAX 4096
#define USERS_MAX 64
#define NAME_BYTES 4096

/** A record, and whose process announced it first: nobody else can have known the id before. */
typedef struct proof {
        char id[SK_LOCAL_ID_MAX];
        uid_t user;
} proof;

/** A login is looked up once: directories of users may be slow. */
typedef struct account {
        uid_t user;
        char login[SK_LOCAL_LOGIN_MAX];
} account;

struct sk_local_proofs {
        proof proofs[PROOFS_MAX]; /* a ring */
        size_t next;
        size_t count;
        account users[USERS_MAX]; /* a ring too */
        size_t next_user;
        size_t user_count;
};

sk_local_proofs *sk_local_proofs_new(void) {
        return sk_alloc_zero(1, sizeof(sk_local_proofs));
}

void sk_local_proofs_free(sk_local_proofs *proofs) {
        sk_free(proofs);
}

/* ---- logins ---- */

static const account *user_find(const sk_local_proofs *proofs, uid_t id) {
        for (size_t i = 0; i < proofs->user_count; i++) {
                if (proofs->users[i].user == id)
                        return &proofs->users[i];
        }
        return NULL;
}

static void user_learn(sk_local_proofs *proofs, uid_t id) {
        char names[NAME_BYTES];
        struct passwd entry;
        struct passwd *found = NULL;
        if (user_find(proofs, id) != NULL || getpwuid_r(id, &entry, names, sizeof(names), &found) != 0 ||
            found == NULL || strlen(found->pw_name) >= SK_LOCAL_LOGIN_MAX)
                return;
        account *new = &proofs->users[proofs->next_user];
        proofs->next_user = (proofs->next_user + 1) % USERS_MAX;
        proofs->user_count += proofs->user_count < USERS_MAX;
        new->user = id;
        memcpy(new->login, found->pw_name, strlen(found->pw_name) + 1);
}

/* ---- announcements ---- */

static const proof *proof_find(const sk_local_proofs *proofs, const char *id) {
        for (size_t i = 0; i < proofs->count; i++) {
                /* the newest first: that of the record which comes now */
                const proof *one = &proofs->proofs[(proofs->next + PROOFS_MAX - 1 - i) % PROOFS_MAX];
                if (memcmp(one->id, id, SK_LOCAL_ID_MAX) == 0)
                        return one;
        }
        return NULL;
}

static void remember(sk_local_proofs *proofs, const char *id, uid_t user) {
        if (proof_find(proofs, id) != NULL)
                return;
        proof *new = &proofs->proofs[proofs->next];
        proofs->next = (proofs->next + 1) % PROOFS_MAX;
        proofs->count += proofs->count < PROOFS_MAX;
        memcpy(new->id, id, sizeof(new->id));
        new->user = user;
        user_learn(proofs, user);
}

/* Who sent it, as the kernel says; false if it does not. */
static bool sender_of(struct msghdr *message, uid_t *out) {
        for (struct cmsghdr *at = CMSG_FIRSTHDR(message); at != NULL; at = CMSG_NXTHDR(message, at)) {
                struct ucred who;
                if (at->cmsg_level != SOL_SOCKET || at->cmsg_type != SCM_CREDENTIALS ||
                    at->cmsg_len < CMSG_LEN(sizeof(who)))
                        continue;
                memcpy(&who, CMSG_DATA(at), sizeof(who));
                *out = who.uid;
                return true;
        }
        return false;
}

/* One datagram: 1 there was one, 0 there is none. */
static int receive_one(sk_local_proofs *proofs, int fd) {
        char bytes[1 + SK_LOCAL_ID_MAX];
        union {
                char bytes[CMSG_SPACE(sizeof(struct ucred))];
                struct cmsghdr align;
        } control;
        struct iovec part = {.iov_base = bytes, .iov_len = sizeof(bytes)};
        struct msghdr message = {.msg_iov = &part,
                                 .msg_iovlen = 1,
                                 .msg_control = control.bytes,
                                 .msg_controllen = sizeof(control.bytes)};
        uid_t user;
        ssize_t len = recvmsg(fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
        if (len < 0)
                return 0;
        bool is_whole = (size_t)len == sizeof(bytes) && (message.msg_flags & MSG_TRUNC) == 0 && bytes[0] == 'i';
        if (proofs != NULL && is_whole && sender_of(&message, &user))
                remember(proofs, bytes + 1, user);
        return 1;
}

bool sk_local_proofs_receive(sk_local_proofs *proofs, int fd, int max) {
        int count = 0;
        assert(fd >= 0);
        assert(max > 0);
        while (count < max && receive_one(proofs, fd) > 0)
                count++;
        return count > 0;
}

sk_slice sk_local_proofs_login(const sk_local_proofs *proofs, sk_slice id) {
        const proof *found = proofs == NULL || id.len != SK_LOCAL_ID_MAX ? NULL : proof_find(proofs, id.at);
        const account *who = found == NULL ? NULL : user_find(proofs, found->user);
        return who == NULL ? SK_NONE : sk_slice_of(who->login);
}
