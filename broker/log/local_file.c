#include "log/local_file.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "kit/alloc.h"
#include "log/local_sql.h"

/*
 * Opening a connection and its transactions. What stands in the tables is local_schema.c and local_rows.c.
 *
 * File systems that several machines may share are refused by their magic numbers (statfs(2)): SQLite's shared memory
 * and locks do not reach over a network, and the damage shows late.
 */

#define CACHE_KIB 4000
#define LENGTH_MAX (4 * 1024 * 1024)

static const struct remote {
        unsigned long magic;
        const char *name;
} remote_systems[] = {
        {0x6969, "NFS"},      {0x517B, "SMB"},       {0xFF534D42, "CIFS"}, {0xFE534D42, "SMB2"}, {0x73757245, "Coda"},
        {0x5346414F, "AFS"},  {0x01021997, "9P"},    {0x00C36400, "Ceph"}, {0x65735546, "FUSE"}, {0x0BD00BD0, "Lustre"},
        {0x01161970, "GFS2"}, {0x7461636F, "OCFS2"}, {0x47504653, "GPFS"}, {0x564C, "NCP"},
};

static sk_err why_set(char *why, sk_err err, const char *format, ...) __attribute__((format(printf, 3, 4)));

static sk_err why_set(char *why, sk_err err, const char *format, ...) {
        va_list list;

        if (why == NULL)
                return err;
        va_start(list, format);
        (void)vsnprintf(why, SK_LOCAL_WHY_MAX, format, list);
        va_end(list);
        return err;
}

static sk_err check_place(const char *path, char *why) {
        char copy[SK_LOCAL_PATH_MAX];
        struct statfs system;
        struct stat there;

        if (strlen(path) == 0 || strlen(path) >= sizeof(copy))
                return why_set(why, SK_ERR_SIZE, "the path of the log is empty or too long");
        (void)snprintf(copy, sizeof(copy), "%s", path);
        if (stat(path, &there) == 0 && !S_ISREG(there.st_mode))
                return why_set(why, SK_ERR_CONFIG, "%s is no ordinary file; give another path", path);
        if (statfs(dirname(copy), &system) < 0)
                return why_set(why, SK_ERR_CONFIG, "the folder of %s cannot be used: %s", path, strerror(errno));
        for (size_t i = 0; i < sizeof(remote_systems) / sizeof(remote_systems[0]); i++) {
                if (((unsigned long)system.f_type & 0xffffffffUL) == remote_systems[i].magic)
                        return why_set(why, SK_ERR_CONFIG,
                                       "%s lies on a %s file system; a local log needs a disk of this machine, "
                                       "choose another folder",
                                       path, remote_systems[i].name);
        }
        return SK_OK;
}

/*
 * Another writer is at work: a commit takes a millisecond or two, so look again soon at first and less often later,
 * until the bound or until told to give up.
 */
static int on_busy(void *self, int count) {
        sk_local_file *file = self;
        int wait_us = count < 50 ? 300 : count < 500 ? 2000 : 10000;
        struct timespec wait = {.tv_nsec = (long)wait_us * 1000};

        if (count == 0)
                file->waited_us = 0;
        if (file->waited_us >= SK_LOCAL_BUSY_MS * 1000)
                return 0;
        if (file->gives_up != NULL && file->gives_up(file->gives_up_self))
                return 0;
        (void)ppoll(NULL, 0, &wait, NULL);
        file->waited_us += wait_us;
        return 1;
}

static int on_wal(void *self, sqlite3 *db, const char *name, int pages) {
        sk_local_file *file = self;

        (void)db;
        (void)name;
        file->wal_pages = (size_t)pages;
        return SQLITE_OK;
}

static void topics_free(sk_map *topics) {
        size_t position = 0;
        sk_slice name;
        void *topic;

        while (sk_map_next(topics, &position, &name, &topic))
                sk_free(topic);
        sk_map_free(topics);
}

void sk_local_topics_forget(sk_local_file *file) {
        sk_map *empty = sk_map_new();
        if (empty == NULL)
                return;
        topics_free(file->topics);
        file->topics = empty;
}

/* Statistics that nobody reads put every allocation of every thread under one lock. */
static void set_up_once(void) {
        (void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

/* Hostile files are met with checks switched on; nothing in a schema may call functions of ours. */
static void harden(sqlite3 *db) {
        (void)sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
        (void)sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
        (void)sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
        (void)sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
        (void)sqlite3_limit(db, SQLITE_LIMIT_LENGTH, LENGTH_MAX);
}

/*
 * A log is for the group that owns its folder; SQLite would make it for one user. Only what was not there is opened:
 * closing a file lets go of the locks that other connections of this process have on it.
 */
static void make_shared(const char *path) {
        int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0660);

        if (fd >= 0)
                close(fd);
}

static sk_err connect(sk_local_file *file, const char *path, bool may_create) {
        int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | (may_create ? SQLITE_OPEN_CREATE : 0);
        if (may_create)
                make_shared(path);
        int result = sqlite3_open_v2(path, &file->db, flags, NULL);

        if (result == SQLITE_CANTOPEN && !may_create && access(path, F_OK) < 0 && errno == ENOENT)
                return why_set(file->why, SK_ERR_NOT_FOUND,
                               "there is no log at %s; give the path of one, or start a daemon to make it", path);
        if (result != SQLITE_OK)
                return sk_local_fail(file, result, "opening the log");
        (void)sqlite3_extended_result_codes(file->db, 1);
        if (may_create && sqlite3_db_readonly(file->db, "main") == 1)
                return why_set(file->why, SK_ERR_CONFIG, "the log %s cannot be written to; see who owns it", path);
        (void)sqlite3_busy_handler(file->db, on_busy, file);
        harden(file->db);
        return SK_OK;
}

static sk_err configure(sk_local_file *file) {
        char cache[64];
        (void)snprintf(cache, sizeof(cache), "PRAGMA cache_size = -%d", CACHE_KIB);
        const char *pragmas[] = {"PRAGMA synchronous = FULL", "PRAGMA wal_autocheckpoint = 0",
                                 "PRAGMA temp_store = MEMORY", "PRAGMA cell_size_check = ON", cache};

        for (size_t i = 0; i < sizeof(pragmas) / sizeof(pragmas[0]); i++) {
                int result = sqlite3_exec(file->db, pragmas[i], NULL, NULL, NULL);
                if (result != SQLITE_OK)
                        return sk_local_fail(file, result, pragmas[i]);
        }
        /* Behind the pragma, which replaces any hook. */
        (void)sqlite3_wal_hook(file->db, on_wal, file);
        return SK_OK;
}

/* What will be the same at the next try, and what to do about it. */
static sk_err open_failed(const sk_local_file *file, const char *path, sk_err err, char *why) {
        switch (file->db == NULL ? SQLITE_OK : sqlite3_errcode(file->db) & 0xff) {
        case SQLITE_CANTOPEN:
        case SQLITE_READONLY:
        case SQLITE_PERM:
                return why_set(why, SK_ERR_CONFIG,
                               "the log %s cannot be used: %s; file and folder must be writable for this user", path,
                               file->why);
        case SQLITE_CORRUPT:
                return why_set(why, SK_ERR_CONFIG, "the log %s is damaged: %s; put a copy of it in its place", path,
                               file->why);
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
                return why_set(why, err, "the log %s is held by another program: %s; end that program", path,
                               file->why);
        default:
                return why_set(why, err, "%s: %s", path, file->why);
        }
}

sk_err sk_local_file_open(const char *path, bool may_create, char why[SK_LOCAL_WHY_MAX], sk_local_file **out) {
        static pthread_once_t once = PTHREAD_ONCE_INIT;
        assert(path != NULL);
        assert(out != NULL);
        (void)pthread_once(&once, set_up_once);
        sk_err err = check_place(path, why);
        if (err != SK_OK)
                return err;
        sk_local_file *file = sk_alloc_zero(1, sizeof(*file));
        if (file == NULL)
                return why_set(why, SK_ERR_NO_MEMORY, "no memory to open %s", path);

        file->topics = sk_map_new();
        file->page_bytes = 4096;
        err = file->topics == NULL ? SK_ERR_NO_MEMORY : connect(file, path, may_create);
        if (err == SK_OK)
                err = sk_local_schema(file, may_create);
        if (err == SK_OK)
                err = configure(file);
        if (err != SK_OK) {
                err = err == SK_ERR_CONFIG || err == SK_ERR_NOT_FOUND ? why_set(why, err, "%s", file->why)
                                                                      : open_failed(file, path, err, why);
                sk_local_file_free(file);
                return err;
        }
        *out = file;
        return SK_OK;
}

void sk_local_file_free(sk_local_file *file) {
        if (file == NULL)
                return;
        for (size_t i = 0; i < SK_SQLS; i++)
                (void)sqlite3_finalize(file->statements[i]);
        (void)sqlite3_close_v2(file->db);
        if (file->topics != NULL)
                topics_free(file->topics);
        sk_free(file);
}

const char *sk_local_file_why(const sk_local_file *file) {
        assert(file != NULL);
        return file->why;
}

void sk_local_file_give_up(sk_local_file *file, bool (*gives_up)(void *self), void *self) {
        assert(file != NULL);
        file->gives_up = gives_up;
        file->gives_up_self = self;
}

/* ---- statements ---- */

static const char *const sql_texts[SK_SQLS] = {
        [SK_SQL_BEGIN_WRITE] = "BEGIN IMMEDIATE",
        [SK_SQL_BEGIN_READ] = "BEGIN",
        [SK_SQL_COMMIT] = "COMMIT",
        [SK_SQL_ROLLBACK] = "ROLLBACK",
        [SK_SQL_TOPIC_FIND] = "SELECT id, low_offset FROM topics WHERE name = ?1",
        [SK_SQL_TOPIC_ADD] = "INSERT INTO topics (name) VALUES (?1)",
        [SK_SQL_TOPIC_NEXT] = "SELECT name FROM topics WHERE name > ?1 ORDER BY name LIMIT 1",
        [SK_SQL_TOPIC_LOW] = "UPDATE topics SET low_offset = ?2 WHERE id = ?1 AND low_offset < ?2",
        [SK_SQL_RECORD_ADD] = "INSERT INTO records (id, timestamp, key, headers, value) VALUES (?1, ?2, ?3, ?4, ?5)",
        [SK_SQL_RECORD_READ] = "SELECT id, timestamp, key, headers, value FROM records "
                               "WHERE id BETWEEN ?1 AND ?2 ORDER BY id",
        [SK_SQL_RECORD_LAST] = "SELECT id, timestamp FROM records WHERE id BETWEEN ?1 AND ?2 ORDER BY id DESC LIMIT 1",
        [SK_SQL_RECORD_AGES] = "SELECT id, timestamp FROM records WHERE id BETWEEN ?1 AND ?2 ORDER BY id",
        [SK_SQL_RECORD_DELETE] = "DELETE FROM records WHERE id BETWEEN ?1 AND ?2",
        [SK_SQL_JOURNAL_ADD] = "INSERT OR REPLACE INTO journal (id, topic, timestamp, key, headers, value) "
                               "VALUES (?1, ?6, ?2, ?3, ?4, ?5)",
        [SK_SQL_JOURNAL_READ] = "SELECT id, timestamp, key, headers, value FROM journal "
                                "WHERE id BETWEEN ?1 AND ?2 ORDER BY id",
        [SK_SQL_JOURNAL_LAST] = "SELECT id, timestamp FROM journal WHERE id BETWEEN ?1 AND ?2 ORDER BY id DESC LIMIT 1",
        [SK_SQL_JOURNAL_KEY] = "SELECT id, timestamp, key, headers, value FROM journal WHERE topic = ?1 AND key = ?2",
        [SK_SQL_JOURNAL_KEYS] = "SELECT id, timestamp, key, headers, value FROM journal "
                                "WHERE topic = ?1 AND key >= ?2 ORDER BY key",
        /* Not the last row of its journal: the next offset is found from it. */
        [SK_SQL_JOURNAL_TOMBSTONES] =
                "DELETE FROM journal WHERE id IN (SELECT id FROM journal AS old WHERE value IS NULL AND timestamp < ?1 "
                "AND EXISTS (SELECT 1 FROM journal AS newer WHERE newer.id > old.id AND newer.id <= "
                "(old.topic << 44) + 17592186044415) ORDER BY timestamp LIMIT ?2)",
        [SK_SQL_EPOCH_GET] = "SELECT epoch FROM epochs WHERE team = ?1",
        [SK_SQL_EPOCH_RAISE] = "INSERT INTO epochs (team, epoch) VALUES (?1, 1) "
                               "ON CONFLICT (team) DO UPDATE SET epoch = epoch + 1",
        [SK_SQL_DATA_VERSION] = "PRAGMA data_version",
};

sqlite3_stmt *sk_local_statement(sk_local_file *file, sk_sql sql) {
        assert(file != NULL);
        assert(sql < SK_SQLS);
        if (file->statements[sql] == NULL) {
                int result = sqlite3_prepare_v3(file->db, sql_texts[sql], -1, SQLITE_PREPARE_PERSISTENT,
                                                &file->statements[sql], NULL);
                if (result != SQLITE_OK)
                        (void)sk_local_fail(file, result, "preparing a statement");
        }
        return file->statements[sql];
}

void sk_local_done(sqlite3_stmt *statement) {
        (void)sqlite3_reset(statement);
        (void)sqlite3_clear_bindings(statement);
}

sk_err sk_local_fail(sk_local_file *file, int result, const char *what) {
        assert(result != SQLITE_OK);
        const char *message = file->db == NULL ? sqlite3_errstr(result) : sqlite3_errmsg(file->db);
        int code = result & 0xff;
        int reason = file->db == NULL ? 0 : sqlite3_system_errno(file->db);
        if (reason != 0 && (code == SQLITE_IOERR || code == SQLITE_FULL || code == SQLITE_CANTOPEN))
                (void)snprintf(file->why, sizeof(file->why), "%s: %s (%s)", what, message, strerror(reason));
        else
                (void)snprintf(file->why, sizeof(file->why), "%s: %s", what, message);

        switch (code) {
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
                return SK_ERR_BUSY;
        case SQLITE_NOMEM:
                return SK_ERR_NO_MEMORY;
        case SQLITE_FULL:
                return SK_ERR_FULL;
        case SQLITE_TOOBIG:
                return SK_ERR_SIZE;
        case SQLITE_NOTADB:
                return SK_ERR_VERSION;
        default:
                return SK_ERR_IO;
        }
}

sk_err sk_local_run(sk_local_file *file, sqlite3_stmt *statement, const char *what) {
        if (statement == NULL)
                return SK_ERR_IO;
        int result = sqlite3_step(statement);
        sk_err err = result == SQLITE_DONE || result == SQLITE_ROW ? SK_OK : sk_local_fail(file, result, what);
        sk_local_done(statement);
        return err;
}

void sk_local_bind_bytes(sqlite3_stmt *statement, int index, sk_slice bytes) {
        if (!sk_slice_there(bytes))
                (void)sqlite3_bind_null(statement, index);
        else if (bytes.len == 0)
                (void)sqlite3_bind_zeroblob(statement, index, 0);
        else
                (void)sqlite3_bind_blob64(statement, index, bytes.at, bytes.len, SQLITE_STATIC);
}

sk_slice sk_local_column_bytes(sqlite3_stmt *statement, int column) {
        if (sqlite3_column_type(statement, column) == SQLITE_NULL)
                return SK_NONE;
        const char *at = sqlite3_column_blob(statement, column);
        int len = sqlite3_column_bytes(statement, column);
        return at == NULL ? SK_SLICE("") : (sk_slice){at, (size_t)len};
}

/* ---- transactions ---- */

sk_err sk_local_begin(sk_local_file *file) {
        assert(sqlite3_get_autocommit(file->db) != 0);
        file->transaction++;
        return sk_local_run(file, sk_local_statement(file, SK_SQL_BEGIN_WRITE), "waiting to write");
}

sk_err sk_local_commit(sk_local_file *file) {
        assert(sqlite3_get_autocommit(file->db) == 0);
        sk_err err = sk_local_run(file, sk_local_statement(file, SK_SQL_COMMIT), "committing");
        if (err == SK_OK)
                return SK_OK;
        sk_local_rollback(file);
        /* A full disk or a lock stops a commit before its last frame; of anything else nothing is known. */
        return err == SK_ERR_IO ? SK_ERR_UNKNOWN_OUTCOME : SK_ERR_ABORTED;
}

void sk_local_rollback(sk_local_file *file) {
        if (sqlite3_get_autocommit(file->db) == 0) {
                char why[SK_LOCAL_WHY_MAX];
                memcpy(why, file->why, sizeof(why));
                (void)sk_local_run(file, sk_local_statement(file, SK_SQL_ROLLBACK), "rolling back");
                memcpy(file->why, why, sizeof(why));
        }
        sk_local_topics_forget(file);
}

sk_err sk_local_read_begin(sk_local_file *file) {
        assert(sqlite3_get_autocommit(file->db) != 0);
        return sk_local_run(file, sk_local_statement(file, SK_SQL_BEGIN_READ), "beginning to read");
}

void sk_local_read_end(sk_local_file *file) {
        if (sqlite3_get_autocommit(file->db) == 0)
                (void)sk_local_run(file, sk_local_statement(file, SK_SQL_COMMIT), "ending a read");
}

sk_err sk_local_data_version(sk_local_file *file, int64_t *out) {
        sqlite3_stmt *statement = sk_local_statement(file, SK_SQL_DATA_VERSION);
        if (statement == NULL)
                return SK_ERR_IO;
        int result = sqlite3_step(statement);
        sk_err err = result == SQLITE_ROW ? SK_OK : sk_local_fail(file, result, "asking for changes");
        if (err == SK_OK)
                *out = sqlite3_column_int64(statement, 0);
        sk_local_done(statement);
        return err;
}

size_t sk_local_wal_bytes(const sk_local_file *file) {
        return file->wal_pages * file->page_bytes;
}

void sk_local_checkpoint(sk_local_file *file) {
        (void)sqlite3_wal_checkpoint_v2(file->db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
}
