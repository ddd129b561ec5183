/*
 * Random chains, as the files that people would write: a line, a star, a diamond, two that supply each other. Team 0
 * only consumes; who serves has a procedure for each process, part of it automatic, and may pass work on.
 */

#include "simulation/sim.h"

#include <stdio.h>

#include "kit/alloc.h"
#include "kit/buf.h"
#include "kit/when.h"

#define FILES_MAX 128
#define TEXT_MAX 16384
#define TRIES 8

typedef struct chain_text {
        sim *s;
        sk_buf paths[FILES_MAX];
        sk_buf texts[FILES_MAX];
        sk_chain_file files[FILES_MAX];
        size_t count;
        bool serves[SIM_TEAMS_MAX][SIM_TEAMS_MAX]; /* [customer][provider] */
        unsigned teams;
        unsigned partitions;
        bool has_schedules[SIM_TEAMS_MAX];
        bool keeps_hours[SIM_TEAMS_MAX]; /* one of its schedules */
        bool goes_up;                    /* who supplies each other also passes work on in both directions */
} chain_text;

static sk_buf *file_add(chain_text *c, const char *format, unsigned a, const char *b) {
        c->paths[c->count] = sk_buf_make(256);
        c->texts[c->count] = sk_buf_make(TEXT_MAX);
        sk_buf_add_format(&c->paths[c->count], "team-%u/", a);
        if (format != NULL) {
                sk_buf_clear(&c->paths[c->count]);
                sk_buf_add_text(&c->paths[c->count], format);
                sk_buf_add_uint(&c->paths[c->count], a);
        }
        sk_buf_add_text(&c->paths[c->count], b);
        return &c->texts[c->count++];
}

static void line(chain_text *c) {
        c->teams = 3 + (unsigned)sim_below(c->s, 2);
        for (unsigned i = 0; i + 1 < c->teams; i++)
                c->serves[i][i + 1] = true;
}

static void star(chain_text *c) {
        c->teams = 4 + (unsigned)sim_below(c->s, 2);
        c->serves[0][2] = true;
        c->serves[1][2] = true;
        for (unsigned i = 3; i < c->teams; i++)
                c->serves[2][i] = true;
}

static void diamond(chain_text *c) {
        c->teams = 5;
        c->serves[0][1] = true;
        c->serves[1][2] = true;
        c->serves[1][3] = true;
        c->serves[2][4] = true;
        c->serves[3][4] = true;
}

static void mutual(chain_text *c) {
        c->teams = 3;
        c->serves[0][1] = true;
        c->serves[1][2] = true;
        c->serves[2][1] = true;
        c->goes_up = sim_chance(c->s, 2);
}

static bool is_provider(const chain_text *c, unsigned team) {
        for (unsigned i = 0; i < c->teams; i++) {
                if (c->serves[i][team])
                        return true;
        }
        return false;
}

static void write_chain(chain_text *c) {
        sk_buf *text = file_add(c, "chain", 0, ".json");

        sk_buf_clear(&c->paths[c->count - 1]);
        sk_buf_add_text(&c->paths[c->count - 1], "chain.json");
        sk_buf_add_format(
                text,
                "{\"name\":\"sim\",\"title\":\"Simulated\",\"partitions\":%u,\"calendars\":{\"nearly\":{\"zone\":"
                "\"UTC\",\"open\":{\"mon-sun\":\"00:00-23:00\"}}}}",
                c->partitions);
}

/* Away for a while somewhere in the run; @p more is what else is said of the person. */
static void write_absence(chain_text *c, sk_buf *text, const char *more) {
        int64_t from_us = c->s->start_us + (int64_t)sim_below(c->s, 8 * SK_SECOND_US);
        char from[SK_WHEN_TEXT];
        char to[SK_WHEN_TEXT];

        sk_when_format(from_us, from);
        sk_when_format(from_us + 1 + (int64_t)sim_below(c->s, 8 * SK_SECOND_US), to);
        sk_buf_add_format(text, "%s,\"absent\":[{\"from\":\"%.*s\",\"to\":\"%.*s\"}]", more, SK_WHEN_TEXT, from,
                          SK_WHEN_TEXT, to);
}

/* Who manages, and two who work: now and then one is away, with somebody who stands in, or with nobody. */
static void write_people(chain_text *c, sk_buf *text) {
        sk_buf_add_text(text, "\"people\":{\"boss\":{\"profiles\":[\"process-manager\",\"process-coordinator\","
                              "\"workflow-manager\",\"workflow-coordinator\",\"line-manager\",\"line-coordinator\"]");
        if (sim_chance(c->s, 2))
                write_absence(c, text, sim_chance(c->s, 2) ? ",\"deputies\":[\"ann\",\"bob\"]" : "");
        sk_buf_add_text(text, "},\"ann\":{\"profiles\":[\"operator\"]");
        if (sim_chance(c->s, 2))
                write_absence(c, text, ",\"deputies\":\"bob\"");
        sk_buf_add_text(text, "},\"bob\":{\"profiles\":[\"operator\"]}}");
}

/* Clocks that jump and days that go by make them due; in a run of seconds they seldom are. */
static void write_schedules(chain_text *c, sk_buf *text, unsigned team) {
        sk_buf_add_format(text,
                          ",\"schedules\":{\"often\":{\"cron\":\"*/2 * * * "
                          "*\",\"raise\":{\"facility\":\"f-%u\",\"need\":\"look\"}},"
                          "\"nightly\":{\"cron\":\"30 23 * * "
                          "*\",\"calendar\":\"nearly\",\"in_service_hours\":%s,\"raise\":{\"type\":"
                          "\"service-request\",\"facility\":\"f-%u\",\"need\":\"do\"}}}",
                          team, c->keeps_hours[team] ? "true" : "false", team);
}

static void write_team(chain_text *c, unsigned team) {
        static const char *const coordinated[] = {"line", "process", "workflow"};
        sk_buf *text = file_add(c, NULL, team, "team.json");

        sk_buf_add_format(text, "{\"title\":\"Team %u\",\"organised_by\":\"%s\",\"coordinated_by\":\"%s\",%s", team,
                          sim_chance(c->s, 2) ? "process" : "workflow", coordinated[sim_below(c->s, 3)],
                          is_provider(c, team) ? "" : "\"consumer\":true,");
        write_people(c, text);
        if (sim_chance(c->s, 3))
                sk_buf_add_text(text, ",\"effects\":{\"most\":3,\"exec\":2,\"per_target\":1}");
        if (sim_chance(c->s, 3))
                sk_buf_add_text(text,
                                ",\"escalation\":[{\"at\":10,\"to\":\"coordinator\"},{\"at\":200,\"to\":\"manager\"}]");
        if (is_provider(c, team) && c->has_schedules[team])
                write_schedules(c, text, team);
        sk_buf_add_text(text, "}");
}

static void write_agreement(chain_text *c, unsigned customer, unsigned provider) {
        static const char *const shares[] = {"[]", "[\"/need\",\"/result\",\"/data/cut/infrastructure\"]",
                                             "[\"/need\",\"/result/step\",\"/data/cut\"]"};
        sk_buf *text = file_add(c, "agreements/a", customer * SIM_TEAMS_MAX + provider, ".json");

        sk_buf_add_format(
                text,
                "{\"customer\":\"team-%u\",\"provider\":\"team-%u\",\"facilities\":{\"f-%u\":{\"goods\":"
                "[\"g\"],\"calls\":[\"incident\",\"service-request\",\"request-for-change\"],\"promises\":"
                "{\"incident\":{\"respond_within\":\"PT1M\",\"resolve_within\":\"PT1H\"},\"service-request\":{"
                "\"respond_within\":\"PT1S\",\"resolve_within\":\"PT%uS\"%s}}},"
                "\"g-%u\":{\"actions\":[\"a\"],\"calls\":[\"service-request\"]}}%s,\"share\":%s}",
                customer, provider, provider, 1 + (unsigned)sim_below(c->s, 8),
                sim_chance(c->s, 2) ? ",\"service_hours\":\"nearly\"" : "", provider,
                sim_chance(c->s, 2) ? ",\"priorities\":[[1,1,2,2,3],[1,2,2,3,3],[2,2,3,3,4],[2,3,3,4,5],[3,3,4,5,5]]"
                                    : "",
                shares[(customer + provider) % 3]);
}

/* The first provider to which this team may pass work on: if only downwards, it ends; else a loop is declined. */
static unsigned suppliers_from(const chain_text *c, unsigned team) {
        return c->goes_up ? 0 : team + 1;
}

/* A provider of this team to which work is passed on; SIM_TEAMS_MAX: none. */
static unsigned supplier_of(chain_text *c, unsigned team) {
        unsigned found = SIM_TEAMS_MAX;

        for (unsigned i = suppliers_from(c, team); i < c->teams; i++) {
                if (c->serves[team][i] && (found == SIM_TEAMS_MAX || sim_chance(c->s, 2)))
                        found = i;
        }
        return found;
}

static void write_delegate(chain_text *c, sk_buf *text, unsigned team) {
        bool is_onward = sim_chance(c->s, 3);
        bool is_first = true;

        sk_buf_add_text(text, "{\"delegate\":{\"to\":[");
        for (unsigned i = suppliers_from(c, team); i < c->teams; i++) {
                if (!c->serves[team][i] || (!is_first && sim_chance(c->s, 2)))
                        continue;
                sk_buf_add_format(text, "%s{\"team\":\"team-%u\",\"type\":\"service-request\",\"facility\":\"f-%u\"}",
                                  is_first ? "" : ",", i, i);
                is_first = false;
        }
        if (is_onward)
                sk_buf_add_text(text, "],\"wait\":false}}");
        else
                sk_buf_add_format(text, "],\"attempts\":%u}}", 1 + (unsigned)sim_below(c->s, 2));
}

/* Something that happens outside of the log. */
static void write_effect(chain_text *c, sk_buf *text) {
        static const char *const hows[] = {"exec\":{\"command\":[\"programs/p\"],",
                                           "http\":{\"url\":\"http://a.example/\",", "plugin\":{\"name\":\"p\","};
        bool is_once = sim_chance(c->s, 3);

        sk_buf_add_format(text, "{\"%s\"timeout\":\"PT%uS\",%s\"backoff\":\"PT1S\",\"backoff_max\":\"PT1S\"}}",
                          hows[sim_below(c->s, 3)], 1 + (unsigned)sim_below(c->s, 2),
                          is_once ? "\"once\":true," : "\"attempts\":2,");
}

/* Offers that stand for some seconds only. */
static void write_offer(chain_text *c, sk_buf *text) {
        char until[SK_WHEN_TEXT];

        sk_when_format(c->s->start_us + (int64_t)sim_below(c->s, 8 * SK_SECOND_US), until);
        sk_buf_add_format(text, "{\"auto\":{\"result\":{\"until\":\"%.*s\"}}}", SK_WHEN_TEXT, until);
}

static void write_activity(chain_text *c, sk_buf *text, unsigned team, const sk_activity *activity) {
        bool can_delegate = activity->name == SK_PERFORM && supplier_of(c, team) != SIM_TEAMS_MAX;

        sk_buf_add_format(text,
                          "\"%s\":{\"responsible\":\"operator\",\"accountable\":\"process-manager\",%s%s%s%s\"how\":",
                          activity->id, sim_chance(c->s, 4) ? "\"consulted\":\"operator\"," : "",
                          sim_chance(c->s, 4) ? "\"informed\":\"line-manager\"," : "",
                          sim_chance(c->s, 2) ? "\"estimate\":\"PT1S\"," : "",
                          sim_chance(c->s, 3) ? "\"timeout\":\"PT2S\"," : "");
        if (can_delegate && !sim_chance(c->s, 3))
                write_delegate(c, text, team);
        else if (activity->name == SK_OFFER)
                write_offer(c, text);
        else if (sim_chance(c->s, 4))
                sk_buf_add_text(text, "\"manual\"");
        else if (sim_chance(c->s, 5))
                write_effect(c, text);
        else if (sim_chance(c->s, 6))
                sk_buf_add_text(text,
                                "[\"auto\",{\"manual\":{},\"responsible\":\"ann\"},{\"exec\":{\"command\":[\"programs/"
                                "q\"],\"timeout\":\"PT1S\",\"backoff\":\"PT1S\",\"backoff_max\":\"PT1S\"}}]");
        else if (activity->name == SK_PERFORM)
                sk_buf_add_text(text, "{\"auto\":{\"result\":{\"done\":true}}}");
        else
                sk_buf_add_text(text, "\"auto\"");
        sk_buf_add_text(text, "},");
}

static void write_cut(chain_text *c, sk_buf *text, unsigned team, const sk_process_info *info) {
        unsigned supplier = supplier_of(c, team);

        sk_buf_add_format(text, "\"%s.cut\":{\"responsible\":\"operator\",\"accountable\":\"process-manager\",\"how\":",
                          info->id);
        if (sim_chance(c->s, 2) || info->process == SK_CHANGE || info->process == SK_AGREE)
                sk_buf_add_text(text, info->process == SK_RECOVER || info->process == SK_IMPROVE
                                              ? "{\"auto\":{\"target\":\"operate\"}}"
                                              : "\"auto\"");
        else
                sk_buf_add_text(text, "\"manual\"");
        if (supplier != SIM_TEAMS_MAX && sim_chance(c->s, 2)) {
                bool is_change = (info->may_trigger >> SK_CHANGE & 1u) != 0 && sim_chance(c->s, 2);
                bool is_operate = (info->may_trigger >> SK_OPERATE & 1u) != 0;
                if (is_change || is_operate)
                        sk_buf_add_format(text, ",\"link\":{\"%s\":{\"team\":\"team-%u\",\"facility\":\"f-%u\"}}",
                                          is_change ? "change" : "operate", supplier, supplier);
        }
        sk_buf_add_text(text, "}");
}

static void write_routine(chain_text *c, unsigned team, sk_process process) {
        const sk_process_info *info = sk_process_get(process);
        char name[64];
        sk_buf path = sk_buf_make(sizeof(name));

        sk_buf_add_format(&path, "routines/%s.json", info->id);
        memcpy(name, path.at, path.len);
        name[path.len] = '\0';
        sk_buf_free(&path);
        sk_buf *text = file_add(c, NULL, team, name);
        sk_buf_add_format(text, "{\"process\":\"%s\",\"activities\":{", info->id);
        for (unsigned i = 0; i < info->count; i++)
                write_activity(c, text, team, &info->activities[i]);
        if (info->may_trigger != 0)
                write_cut(c, text, team, info);
        else
                text->len--;
        sk_buf_add_text(text, "}}");
}

static void write_all(chain_text *c) {
        write_chain(c);
        for (unsigned team = 0; team < c->teams; team++) {
                write_team(c, team);
                for (unsigned process = 0; process < SK_PROCESSES && is_provider(c, team); process++) {
                        if (!sim_chance(c->s, 8))
                                write_routine(c, team, (sk_process)process);
                }
                for (unsigned provider = 0; provider < c->teams; provider++) {
                        if (c->serves[team][provider])
                                write_agreement(c, team, provider);
                }
        }
}

static bool build(chain_text *c, sk_edition **out) {
        sk_findings *findings = sk_findings_new();

        for (size_t i = 0; i < c->count; i++) {
                sk_buf_add_byte(&c->paths[i], 0);
                c->files[i] = (sk_chain_file){c->paths[i].at, sk_buf_slice(&c->texts[i])};
        }
        sk_err err = sk_edition_build(c->files, c->count, NULL, findings, out);
        for (size_t i = 0; err != SK_OK && !c->goes_up && i < sk_findings_count(findings); i++) {
                const sk_finding *finding = sk_findings_at(findings, i);
                if (finding->severity == SK_ERROR)
                        sim_fail(c->s, "the chain is not valid: %s:%u %s: %s", finding->path, finding->line,
                                 finding->code, finding->text);
        }
        sk_findings_free(findings);
        return err == SK_OK;
}

static void teams_fill(sim *s, const chain_text *c) {
        s->team_count = c->teams;
        for (unsigned i = 0; i < c->teams; i++) {
                snprintf(s->teams[i].name, sizeof(s->teams[i].name), "team-%u", i);
                s->teams[i].team = sk_edition_team(s->editions[0], sk_slice_of(s->teams[i].name));
                s->teams[i].serves = is_provider(c, i);
        }
}

/* Teams, who serves whom and schedules are the same each time; routines are drawn anew. */
static bool edition_try(chain_text *c, sk_edition **out) {
        c->count = 0;
        write_all(c);
        bool is_built = build(c, out);
        for (size_t i = 0; i < c->count; i++) {
                sk_buf_free(&c->paths[i]);
                sk_buf_free(&c->texts[i]);
        }
        return is_built;
}

/* Work that would come back without end is refused when the edition is read; then it goes downwards only. */
static bool edition_make(chain_text *c, sk_edition **out) {
        for (unsigned i = 0; i < TRIES && c->goes_up; i++) {
                if (edition_try(c, out))
                        return true;
        }
        c->goes_up = false;
        return edition_try(c, out);
}

bool sim_chain_make(sim *s) {
        static void (*const shapes[])(chain_text *) = {line, star, diamond, mutual};
        size_t shape = (size_t)sim_below(s, sizeof(shapes) / sizeof(shapes[0]));
        chain_text *c = sk_alloc_zero(1, sizeof(*c));

        if (c == NULL)
                return false;
        c->s = s;
        c->partitions = 2 + (unsigned)sim_below(s, 3);
        shapes[shape](c);
        s->seen[SIM_SEEN_LINE + shape]++;
        for (unsigned i = 0; i < c->teams; i++) {
                c->has_schedules[i] = sim_chance(s, 2);
                c->keeps_hours[i] = sim_chance(s, 2);
        }
        bool is_built = edition_make(c, &s->editions[0]) && edition_make(c, &s->editions[1]);
        if (is_built)
                teams_fill(s, c);
        sk_free(c);
        return is_built;
}
