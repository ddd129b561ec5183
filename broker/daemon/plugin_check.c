#include "daemon/plugin_check.h"

#include <limits.h>
#include <stdio.h>

#include "how/plugin_load.h"
#include "kit/json_scan.h"
#include "usm/routine_view.h"

#define ARENA_BYTES ((size_t)1 << 20)

typedef struct looking {
        const sk_team *team;
        const char *folder;
        const char *team_dir;
        sk_logger *logger;
        sk_arena *arena;
        bool is_good;
} looking;

static sk_err plugin_look(looking *of, sk_slice name, sk_slice config, char why[SK_PLUGIN_WHY_MAX]) {
        const char *values[SK_PLUGIN_OPTIONS_MAX + 1];
        char path[PATH_MAX];
        sk_plugin_loaded loaded;
        int len = snprintf(path, sizeof(path), "%s/%.*s.so", of->folder, (int)name.len, name.at);

        sk_arena_reset(of->arena);
        if (len < 0 || (size_t)len >= sizeof(path))
                return SK_ERR_RANGE;
        sk_err err = sk_plugin_load(path, sk_arena_copy(of->arena, name).at, &loaded, why);
        return err != SK_OK ? err : sk_plugin_values(&loaded, config, of->team_dir, of->arena, values, why);
}

static void way_look(looking *of, const sk_way *way, const sk_row_view *row, sk_slice routine) {
        char why[SK_PLUGIN_WHY_MAX] = "its path is too long";
        sk_slice config = sk_json_member(way->effect.config, "config");

        if (way->how != SK_HOW_PLUGIN || plugin_look(of, way->effect.target, config, why) == SK_OK)
                return;
        of->is_good = false;
        sk_logger_say(of->logger, SK_LOG_ERROR, sk_team_name(of->team), "plugin-refused",
                      "%s of routine %.*s cannot be done by plug-in %.*s: %s", row->activity->id, (int)routine.len,
                      routine.at, (int)way->effect.target.len, way->effect.target.at, why);
}

static void row_look(looking *of, const sk_row_view *row, sk_slice routine) {
        unsigned count = row->way.action_count == 0 ? 1 : row->way.action_count;
        sk_way action;

        if (row->activity == NULL || !row->gives_how)
                return;
        for (unsigned i = 0; i < count; i++) {
                sk_way_action(&row->way, i, &action);
                way_look(of, &action, row, routine);
        }
}

bool sk_plugin_check(const sk_team *team, const char *folder, const char *team_dir, sk_logger *logger) {
        looking of = {.team = team,
                      .folder = folder,
                      .team_dir = team_dir,
                      .logger = logger,
                      .arena = sk_arena_new(ARENA_BYTES),
                      .is_good = true};
        sk_routine_view routine;
        sk_row_view row;

        if (of.arena == NULL)
                return false;
        for (size_t i = 0; i < sk_team_routine_count(team); i++) {
                sk_team_routine_at(team, i, &routine);
                for (size_t j = 0; j < routine.row_count; j++) {
                        sk_team_routine_row(team, i, j, &row);
                        row_look(&of, &row, routine.name);
                }
        }
        sk_arena_free(of.arena);
        return of.is_good;
}
