/*
 * The folder of a demonstration. Only what a demonstration makes is ever removed: its log and what links keep beside it.
 */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/demo/demo.h"
#include "cli/session/links.h"

#define LOG_NAME "demo.db"
#define DEPTH_MAX 16

static int fail(const sk_demo *demo, const char *path, const char *remedy) {
        return sk_cli_fail(demo->cli, path, remedy, "%s", strerrordesc_np(errno));
}

static bool join(const sk_demo *demo, const char *folder, const char *name, char out[SK_DEMO_PATH_MAX]) {
        int len = snprintf(out, SK_DEMO_PATH_MAX, "%s/%s", folder, name);
        if (len > 0 && len < SK_DEMO_PATH_MAX)
                return true;
        (void)sk_cli_fail(demo->cli, "--folder", "name a folder with a shorter path", "the path is too long");
        return false;
}

bool sk_demo_path(const sk_demo *demo, const char *name, char out[SK_DEMO_PATH_MAX]) {
        return join(demo, demo->folder, name, out);
}

/* ---- the chain ---- */

static const char *const chains[] = {".", "teams/shared-service-centre"};

static int find_chain(sk_demo *demo) {
        char path[SK_DEMO_PATH_MAX];
        demo->source = sk_cli_text(demo->cli, "chain");
        for (size_t i = 0; i < sizeof(chains) / sizeof(chains[0]) && demo->source == NULL; i++) {
                if (join(demo, chains[i], "chain.json", path) && access(path, R_OK) == 0)
                        demo->source = chains[i];
        }
        if (demo->source == NULL)
                return sk_cli_fail(demo->cli, "chain", "say which chain: -C teams/shared-service-centre",
                                   "there is none here");
        if (!join(demo, demo->source, "history/incidents.csv.gz", demo->history) ||
            !join(demo, demo->source, "history/servicenow.map.json", demo->map))
                return SK_EXIT_NEGATIVE;
        if (access(demo->history, R_OK) == 0 && access(demo->map, R_OK) == 0)
                return SK_EXIT_OK;
        return sk_cli_fail(demo->cli, demo->history, "name a chain with recorded calls: -C teams/shared-service-centre",
                           "the chain has no history to replay");
}

/* ---- the folder ---- */

/** mkdir -p */
static int make_folder(const sk_demo *demo) {
        char path[SK_DEMO_PATH_MAX];
        if (!sk_demo_path(demo, "", path))
                return SK_EXIT_NEGATIVE;
        for (char *at = path + 1; *at != '\0'; at++) {
                if (*at != '/')
                        continue;
                *at = '\0';
                if (mkdir(path, 0777) < 0 && errno != EEXIST)
                        return fail(demo, path, "name a folder that you may write: --folder DIR");
                *at = '/';
        }
        return SK_EXIT_OK;
}

/** Two demonstrations in one folder would play the same people twice. */
static int lock_folder(sk_demo *demo) {
        char path[SK_DEMO_PATH_MAX];
        if (!sk_demo_path(demo, "demo.lock", path))
                return SK_EXIT_NEGATIVE;
        demo->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
        if (demo->lock < 0)
                return fail(demo, path, "name a folder that you may write: --folder DIR");
        if (flock(demo->lock, LOCK_EX | LOCK_NB) == 0)
                return SK_EXIT_OK;
        return sk_cli_fail(demo->cli, demo->folder, "wait for its end, or name another folder: --folder DIR",
                           "another demonstration runs there");
}

static int refuse_running(const sk_demo *demo) {
        char why[SK_LOG_WHY_MAX];
        sk_log_tool *tool;
        int status = SK_EXIT_OK;
        if (access(demo->file, F_OK) != 0 || sk_log_tool_open(demo->log, SK_LOG_READ, why, &tool) != SK_OK)
                return SK_EXIT_OK;
        for (size_t i = 0; i < sk_edition_team_count(demo->session.edition) && status == SK_EXIT_OK; i++) {
                sk_slice team = sk_team_name(sk_edition_team_at(demo->session.edition, i));
                if (sk_log_tool_is_run(tool, sk_edition_chain(demo->session.edition), team))
                        status = sk_cli_fail(demo->cli, demo->folder, "end it, or name another folder: --folder DIR",
                                             "a link of %.*s runs on its log", (int)team.len, team.at);
        }
        sk_log_tool_free(tool);
        return status;
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *where) {
        (void)status;
        (void)kind;
        (void)where;
        return remove(path);
}

int sk_demo_folder_remove(const sk_demo *demo, const char *name) {
        char path[SK_DEMO_PATH_MAX];
        if (!sk_demo_path(demo, name, path))
                return SK_EXIT_NEGATIVE;
        if (nftw(path, remove_one, DEPTH_MAX, FTW_DEPTH | FTW_PHYS) != 0 && errno != ENOENT)
                return fail(demo, path, "remove it by hand, or name another folder: --folder DIR");
        return SK_EXIT_OK;
}

static int clear(const sk_demo *demo) {
        static const char *const names[] = {LOG_NAME,
                                            LOG_NAME "-wal",
                                            LOG_NAME "-shm",
                                            SK_DEMO_SCENES_LOG,
                                            SK_DEMO_SCENES_LOG "-wal",
                                            SK_DEMO_SCENES_LOG "-shm",
                                            "links.log",
                                            SK_DEMO_RECORD};
        static const char *const folders[] = {LOG_NAME ".d", SK_DEMO_SCENES_LOG ".d", "state", SK_DEMO_CHAIN};
        char path[SK_DEMO_PATH_MAX];
        for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
                if (!sk_demo_path(demo, names[i], path))
                        return SK_EXIT_NEGATIVE;
                if (unlink(path) < 0 && errno != ENOENT)
                        return fail(demo, path, "remove it by hand, or name another folder: --folder DIR");
        }
        int status = SK_EXIT_OK;
        for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]) && status == SK_EXIT_OK; i++)
                status = sk_demo_folder_remove(demo, folders[i]);
        return status;
}

static int open_said(sk_demo *demo) {
        char path[SK_DEMO_PATH_MAX];
        if (!sk_demo_path(demo, "links.log", path))
                return SK_EXIT_NEGATIVE;
        demo->said = fopen(path, "ae");
        return demo->said == NULL ? fail(demo, path, "name a folder that you may write: --folder DIR") : SK_EXIT_OK;
}

static int take_folder(sk_demo *demo) {
        int status = make_folder(demo);
        if (status == SK_EXIT_OK)
                status = lock_folder(demo);
        if (status == SK_EXIT_OK && !sk_demo_path(demo, LOG_NAME, demo->file))
                status = SK_EXIT_NEGATIVE;
        if (status != SK_EXIT_OK)
                return status;
        (void)snprintf(demo->log, sizeof(demo->log), "local:%s", demo->file);
        status = refuse_running(demo);
        if (status == SK_EXIT_OK && !sk_cli_flag(demo->cli, "keep"))
                status = clear(demo);
        demo->is_new = demo->kafka.program != NULL || access(demo->file, F_OK) != 0;
        return status == SK_EXIT_OK ? open_said(demo) : status;
}

/** What is played from now on is what the copy says, which may have been edited since. */
static int take_copy(sk_demo *demo) {
        sk_edition *edition;
        int status = sk_demo_chain_copy(demo);
        if (status == SK_EXIT_OK)
                status = sk_links_edition(demo->cli, demo->chain, &edition);
        if (status != SK_EXIT_OK)
                return status;
        sk_edition_release(demo->session.edition);
        demo->session.edition = edition;
        return SK_EXIT_OK;
}

int sk_demo_folder_begin(sk_demo *demo) {
        demo->lock = -1;
        demo->folder = sk_cli_text_or(demo->cli, "folder", "schakel-demo");
        int status = find_chain(demo);
        if (status == SK_EXIT_OK && sk_program_find("schakel", demo->program, sizeof(demo->program)) == NULL)
                status = sk_cli_fail(demo->cli, "schakel", "put it into PATH", "the program itself is not there");
        if (status == SK_EXIT_OK)
                status = sk_links_edition(demo->cli, demo->source, &demo->session.edition);
        if (status == SK_EXIT_OK)
                status = take_folder(demo);
        return status == SK_EXIT_OK ? take_copy(demo) : status;
}

void sk_demo_folder_end(sk_demo *demo) {
        if (demo->said != NULL)
                fclose(demo->said);
        if (demo->lock >= 0)
                close(demo->lock);
}
