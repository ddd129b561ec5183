#ifndef SK_CLI_MAP_WAY_H
#define SK_CLI_MAP_WAY_H

#include "cli/map/subway.h"
#include "cli/story/story.h"

/*
 * The way of one call over the subway map: through the team that serves it and, where a cut hands over to another link,
 * through that one as well, and back.
 */

#define SK_MAP_STOPS_MAX 5000u

/** Memory is the frame's; *out_count is 0 if nothing is told of the call. NULL without memory. */
const sk_subway_stop *sk_map_way(sk_cli *cli, const sk_story *story, const sk_story_call *call, size_t *out_count);

#endif
