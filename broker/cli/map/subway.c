/*
 * Where the lines and stations of the subway map lie. Columns are counted from the left: the line of agree begins at the
 * first; change begins behind the cuts that lead to it, operate behind that of change; improve comes from the right.
 */
#include "cli/map/subway.h"

#include <assert.h>

#define PITCH 78
#define LEFT 420
#define TRACKS_APART 56
#define HALF_MARK 19
#define CHANGE_OF_LINES 40 /* between those who arrive side by side */

static const sk_subway_line lines[SK_PROCESSES] = {
        [SK_AGREE] = {"#1f5fb4", "#ffffff", "", 85},           [SK_CHANGE] = {"#e0443a", "#ffffff", "none", 113},
        [SK_RECOVER] = {"#f2a900", "#000000", "12 7", 171},    [SK_OPERATE] = {"#4fb286", "#000000", "2 6", 143},
        [SK_IMPROVE] = {"#4b1d73", "#ffffff", "16 5 3 5", 52},
};

/* The upper track of each line. */
static const int upper_y[SK_PROCESSES] = {
        [SK_IMPROVE] = 175, [SK_AGREE] = 355, [SK_CHANGE] = 535, [SK_RECOVER] = 715, [SK_OPERATE] = 910};

const sk_subway_line *sk_subway_line_of(sk_process process) {
        assert(process < SK_PROCESSES);
        return &lines[process];
}

/* ---- names ---- */

static bool has_cut(const sk_process_info *info) {
        return info->may_trigger != 0;
}

bool sk_subway_find(sk_slice activity, sk_subway_station *out) {
        const sk_activity *found = sk_slice_there(activity) ? sk_activity_find(activity) : NULL;
        if (found != NULL) {
                const sk_process_info *info = sk_process_get(found->process);
                *out = (sk_subway_station){found->process, (unsigned)(found - info->activities)};
                return true;
        }
        const char *dot = sk_slice_there(activity) ? memchr(activity.at, '.', activity.len) : NULL;
        if (dot == NULL)
                return false;
        size_t len = (size_t)(dot - activity.at);
        sk_process process = sk_process_find((sk_slice){activity.at, len});
        if (process == SK_PROCESSES || !has_cut(sk_process_get(process)) ||
            !sk_slice_is((sk_slice){dot, activity.len - len}, ".cut"))
                return false;
        *out = (sk_subway_station){process, sk_process_get(process)->count};
        return true;
}

const sk_activity *sk_subway_activity(sk_subway_station station) {
        const sk_process_info *info = sk_process_get(station.process);
        assert(station.place < info->count || (station.place == info->count && has_cut(info)));
        return station.place < info->count ? &info->activities[station.place] : NULL;
}

void sk_subway_id(sk_subway_station station, sk_buf *out) {
        const sk_activity *activity = sk_subway_activity(station);
        if (activity != NULL)
                sk_buf_add_text(out, activity->id);
        else
                sk_buf_add_format(out, "%s.cut", sk_process_get(station.process)->id);
}

/* ---- columns ---- */

static int root_column(sk_process process);

/* Where the line turns: its cut, or, where there is none, half a column behind the last station. */
static int cut_column(sk_process process) {
        const sk_process_info *info = sk_process_get(process);
        int column = root_column(process);
        return process == SK_IMPROVE ? column - info->before_cut : column + info->before_cut;
}

static int max_of(int a, int b) {
        return a > b ? a : b;
}

static int root_column(sk_process process) {
        switch (process) {
        case SK_CHANGE:
                return max_of(cut_column(SK_AGREE), cut_column(SK_RECOVER)) + 1;
        case SK_OPERATE:
                return cut_column(SK_CHANGE) + 1;
        case SK_IMPROVE: /* its cut stands above the beginning of operate */
                return root_column(SK_OPERATE) + sk_process_get(SK_IMPROVE)->before_cut;
        default:
                return 1;
        }
}

static int x_of(int column) {
        return LEFT + (column - 1) * PITCH;
}

/* A line without a cut turns in its middle. */
static unsigned outward(const sk_process_info *info) {
        return has_cut(info) ? info->before_cut : (info->count + 1u) / 2;
}

/* Stations of the way back are spread over its whole length; the last one lies at the root. */
static int x_back(const sk_process_info *info, unsigned place) {
        unsigned first = outward(info);
        unsigned gaps = info->count - first - 1;
        int near = x_of(root_column(info->process) + (info->process == SK_IMPROVE ? 1 - (int)first : (int)first - 1));
        int root = x_of(root_column(info->process));
        return gaps == 0 ? root : near + (root - near) * (int)(place - first) / (int)gaps;
}

sk_point sk_subway_point(sk_subway_station station) {
        const sk_process_info *info = sk_process_get(station.process);
        int upper = upper_y[station.process];
        int column = root_column(station.process);
        assert(station.place < info->count || has_cut(info));
        if (station.place == info->count)
                return (sk_point){x_of(cut_column(station.process)), upper + TRACKS_APART / 2};
        if (station.place >= outward(info))
                return (sk_point){x_back(info, station.place), upper + TRACKS_APART};
        int steps = station.process == SK_IMPROVE ? -(int)station.place : (int)station.place;
        return (sk_point){x_of(column + steps), upper};
}

sk_point sk_subway_root(sk_process process) {
        return (sk_point){x_of(root_column(process)), upper_y[process] + TRACKS_APART / 2};
}

int sk_subway_root_half(sk_process process) {
        if (process == SK_OPERATE)
                return HALF_MARK + CHANGE_OF_LINES;
        return process == SK_CHANGE ? HALF_MARK + CHANGE_OF_LINES / 2 : HALF_MARK;
}

int sk_subway_cut_half(sk_process process) {
        return process == SK_IMPROVE ? sk_subway_root_half(SK_OPERATE) : HALF_MARK;
}

sk_point sk_subway_gate(sk_process process, bool *out_is_right) {
        *out_is_right = process == SK_IMPROVE;
        int x = *out_is_right ? x_of(root_column(process) + 1) + PITCH : LEFT - 150;
        return (sk_point){x, sk_subway_root(process).y};
}

sk_point sk_subway_size(void) {
        bool is_right;
        sk_point gate = sk_subway_gate(SK_IMPROVE, &is_right);
        return (sk_point){gate.x + 210, upper_y[SK_OPERATE] + TRACKS_APART + 110};
}

/* ---- workflows ---- */

uint16_t sk_subway_workflows(sk_process process) {
        uint16_t found = 0;
        const sk_workflow *workflow;
        for (unsigned number = 1; (workflow = sk_workflow_get(number)) != NULL; number++) {
                for (unsigned i = 0; i < workflow->path_length; i++) {
                        if (workflow->path[i] == process)
                                found |= (uint16_t)(1u << number);
                }
        }
        return found;
}

/* Numbers of those in which one process triggers the other. */
static uint16_t workflows_over(sk_process from, sk_process to) {
        uint16_t found = 0;
        const sk_workflow *workflow;
        for (unsigned number = 1; (workflow = sk_workflow_get(number)) != NULL; number++) {
                for (unsigned i = 0; i < workflow->path_length / 2u; i++) {
                        if (workflow->path[i] == from && workflow->path[i + 1] == to)
                                found |= (uint16_t)(1u << number);
                }
        }
        return found;
}

void sk_subway_numbers(uint16_t workflows, sk_buf *out) {
        const char *separator = "";
        for (unsigned number = 1; number < 16; number++) {
                if ((workflows & 1u << number) == 0)
                        continue;
                sk_buf_add_text(out, separator);
                sk_buf_add_uint(out, number);
                separator = " ";
        }
}

/* ---- transfers ---- */

static int top_of(sk_process process) {
        return upper_y[process] - HALF_MARK;
}

static int bottom_of(sk_process process) {
        return upper_y[process] + TRACKS_APART + HALF_MARK;
}

/* How far beside the middle of the triggered line's root one arrives. */
static int arrival(const sk_subway_transfer *transfer) {
        if (transfer->to == SK_CHANGE && transfer->from == SK_AGREE)
                return -CHANGE_OF_LINES / 2;
        if (transfer->to == SK_CHANGE && transfer->from == SK_IMPROVE)
                return CHANGE_OF_LINES / 2;
        if (transfer->to == SK_OPERATE && transfer->from == SK_RECOVER)
                return -CHANGE_OF_LINES;
        return transfer->to == SK_OPERATE && transfer->from == SK_IMPROVE ? CHANGE_OF_LINES : 0;
}

static void add_point(sk_subway_transfer *transfer, int x, int y) {
        assert(transfer->point_count < 4);
        transfer->points[transfer->point_count++] = (sk_point){x, y};
}

/* From the side of the cut to above, or below, the root: one bend. */
static void lay_aside(sk_subway_transfer *transfer, int side, int y) {
        sk_point cut = sk_subway_point((sk_subway_station){transfer->from, sk_process_get(transfer->from)->count});
        int x = sk_subway_root(transfer->to).x + arrival(transfer);
        bool is_up = upper_y[transfer->to] < upper_y[transfer->from];
        add_point(transfer, cut.x + side * sk_subway_cut_half(transfer->from), y);
        add_point(transfer, x, y);
        add_point(transfer, x, is_up ? bottom_of(transfer->to) : top_of(transfer->to));
        transfer->apart = (sk_point){4, side > 0 && !is_up ? -4 : 4};
}

/* Straight down, or down, along and down. */
static void lay_below(sk_subway_transfer *transfer, int lane_y) {
        sk_point cut = sk_subway_point((sk_subway_station){transfer->from, sk_process_get(transfer->from)->count});
        int x = sk_subway_root(transfer->to).x + arrival(transfer);
        if (lane_y == 0) {
                add_point(transfer, x, cut.y + TRACKS_APART / 2 + HALF_MARK);
        } else {
                add_point(transfer, cut.x, cut.y + TRACKS_APART / 2 + HALF_MARK);
                add_point(transfer, cut.x, lane_y);
                add_point(transfer, x, lane_y);
        }
        add_point(transfer, x, top_of(transfer->to));
        transfer->apart = (sk_point){4, lane_y == 0 ? 0 : -4};
}

static void lay(sk_subway_transfer *transfer) {
        int middle = upper_y[transfer->from] + TRACKS_APART / 2;
        if (transfer->from == SK_IMPROVE && transfer->to == SK_OPERATE)
                lay_below(transfer, 0);
        else if (transfer->from == SK_RECOVER && transfer->to == SK_OPERATE)
                lay_below(transfer, top_of(SK_OPERATE) - 55);
        else if (transfer->from == SK_IMPROVE)
                lay_aside(transfer, -1, transfer->to == SK_AGREE ? middle - 18 : middle + 18);
        else
                lay_aside(transfer, 1, middle);
}

unsigned sk_subway_transfers(sk_subway_transfer out[SK_SUBWAY_TRANSFERS_MAX]) {
        unsigned count = 0;
        for (unsigned from = 0; from < SK_PROCESSES; from++) {
                for (unsigned to = 0; to < SK_PROCESSES; to++) {
                        if (!sk_process_may_trigger((sk_process)from, (sk_process)to))
                                continue;
                        assert(count < SK_SUBWAY_TRANSFERS_MAX);
                        out[count] =
                                (sk_subway_transfer){.from = (sk_process)from,
                                                     .to = (sk_process)to,
                                                     .workflows = workflows_over((sk_process)from, (sk_process)to)};
                        lay(&out[count++]);
                }
        }
        return count;
}
