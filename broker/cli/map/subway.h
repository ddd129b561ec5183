#ifndef SK_CLI_SUBWAY_H
#define SK_CLI_SUBWAY_H

#include "kit/buf.h"
#include "kit/json_write.h"
#include "usm/text.h"

/*
 * The method as a subway map. Reactive calls begin at a platform on the left, proactive ones at a platform on the right.
 * Each process is a line in its own colour, with its own pattern and label: out along one track to the cut, back along
 * the other one. At the cut one changes to the line of the triggered process, and comes back the same way.
 *
 * Everything here is pure: values in, text out. Where things lie follows from the method's tables.
 */

#define SK_SUBWAY_PLACES (SK_ACTIVITIES_MAX + 1u)
#define SK_SUBWAY_TRANSFERS_MAX 16u

/** A station: an activity by its index within the process, or, behind the last one, the cut. */
typedef struct sk_subway_station {
        sk_process process;
        unsigned place;
} sk_subway_station;

/** The station of "recover.analyse" or "recover.cut"; false if there is none. */
bool sk_subway_find(sk_slice activity, sk_subway_station *out);
/** The activity there; NULL at the cut. */
const sk_activity *sk_subway_activity(sk_subway_station station);
/** "recover.analyse", "recover.cut". */
void sk_subway_id(sk_subway_station station, sk_buf *out);

/** One stop of a call on its way. */
typedef struct sk_subway_stop {
        sk_subway_station station;
        bool is_here;    /**< the call is there now */
        bool is_skipped; /**< not applicable: it passed without halting */
        sk_process to;   /**< at a cut: the process triggered; else SK_PROCESSES */
        sk_slice team;   /**< who has this part */
        sk_slice who;    /**< person, profile or how */
        sk_slice when;
        sk_slice took;
} sk_subway_stop;

/** What is drawn. */
typedef struct sk_subway {
        sk_language language;
        sk_slice title;
        sk_slice remark; /**< below the title; "" for none */
        bool has_counts;
        uint64_t open[SK_PROCESSES][SK_SUBWAY_PLACES]; /**< calls at each station */
        bool has_way;                                  /**< only one call's way is shown in full */
        const sk_subway_stop *stops;                   /**< in order */
        size_t stop_count;
} sk_subway;

/** Appends a drawing (SVG). */
void sk_subway_svg(const sk_subway *subway, sk_buf *out);
/** Appends a graph for `dot`. */
void sk_subway_dot(const sk_subway *subway, sk_buf *out);
/** Writes an object. */
void sk_subway_json(const sk_subway *subway, sk_json_writer *json);

/* ---- where things lie; also for those who draw it elsewhere ---- */

typedef struct sk_point {
        int x;
        int y;
} sk_point;

/** How a line is drawn. */
typedef struct sk_subway_line {
        const char *colour;  /**< "#1f5fb4" */
        const char *ink;     /**< of text upon it */
        const char *pattern; /**< dashes of the white line within; "" for none, "none" for a line without dashes */
        unsigned luma;       /**< how bright it is in greyscale, 0 to 255 */
} sk_subway_line;

/** Static. */
const sk_subway_line *sk_subway_line_of(sk_process process);

/** A change of lines at a cut: there, and back the same way. */
typedef struct sk_subway_transfer {
        sk_process from;
        sk_process to;
        uint16_t workflows; /**< bit set over the numbers that come this way */
        sk_point points[4];
        unsigned point_count;
        sk_point apart; /**< half of what the way back lies beside the way there */
} sk_subway_transfer;

/** All transfers of the method; returns how many. */
unsigned sk_subway_transfers(sk_subway_transfer out[SK_SUBWAY_TRANSFERS_MAX]);

/** Where a station stands on the map. */
sk_point sk_subway_point(sk_subway_station station);
/** Middle of the mark at which others change to this line: its first and its last station. */
sk_point sk_subway_root(sk_process process);
/** Half of its width: it has room for those who arrive from above. */
int sk_subway_root_half(sk_process process);
/** Half the width of the mark around its cut. */
int sk_subway_cut_half(sk_process process);
/** Where the line leaves the platform, and whether that is the one on the right. */
sk_point sk_subway_gate(sk_process process, bool *out_is_right);
/** Whole width, and height without what is written below. */
sk_point sk_subway_size(void);

/** How many workflows come by the station. */
uint16_t sk_subway_workflows(sk_process process);
/** Workflow numbers of a bit set: "1, 2 and 3" without the and: "1 2 3". */
void sk_subway_numbers(uint16_t workflows, sk_buf *out);

#endif
