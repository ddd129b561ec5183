#ifndef SK_KIT_ZONE_RULE_H
#define SK_KIT_ZONE_RULE_H

#include <stdbool.h>
#include <stdint.h>

#include "kit/slice.h"
#include "kit/zone.h"

/*
 * The rule behind the last transition of a TZif file: the TZ string of POSIX, with the wider hours of RFC 8536, 3.3.1.
 * Part of zone.h, not to be used elsewhere.
 */

/** When clocks change, each year. */
typedef struct sk_zone_change {
        enum { SK_CHANGE_JULIAN, SK_CHANGE_DAY, SK_CHANGE_WEEKDAY } kind;
        int day;      /**< 1 to 365 without the leap day; 0 to 365 with it; 0 to 6 for a weekday, 0 is Sunday */
        int week;     /**< 1 to 5; 5 is the last */
        int month;    /**< 1 to 12 */
        int32_t at_s; /**< local time of day before the change, -167 h to 167 h */
} sk_zone_change;

typedef struct sk_zone_rule {
        int32_t standard_s; /**< seconds east */
        int32_t summer_s;
        bool has_summer;
        sk_zone_change to_summer;
        sk_zone_change to_standard;
} sk_zone_rule;

/** Reads `CET-1CEST,M3.5.0,M10.5.0/3`; false: it is none. */
bool sk_zone_rule_parse(sk_slice text, sk_zone_rule *out);
/** The span of the rule, taken to hold always, with @p time_us in it. */
sk_zone_span sk_zone_rule_at(const sk_zone_rule *rule, int64_t time_us);

#endif
