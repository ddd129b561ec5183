#ifndef SK_CLI_LINKS_H
#define SK_CLI_LINKS_H

#include "cli/cli.h"
#include "cli/session/children.h"
#include "usm/edition.h"

/*
 * The links of a chain as child processes: one schakeld for each team, on one log.
 */

#define SK_LINK_ARGUMENTS_MAX 16

/** Which links, and where. All borrowed. */
typedef struct sk_links_plan {
        const char *chain; /**< chain directory */
        const char *log;   /**< "local:FILE" or "kafka:HOST:PORT" */
        const sk_edition *edition;
        const char *const *teams; /**< NULL: all of the chain */
        size_t team_count;
        const char *state; /**< each link notes in a folder of its own in this one; NULL: where it does by itself */
        sk_slice doubled;  /**< team with a second instance, which is started last (Kafka); SK_NONE: none has */
} sk_links_plan;

/**
 * Reads the chain directory; on failure says so, and that `schakel check` says more.
 *
 * @param out  new: sk_edition_release
 */
int sk_links_edition(sk_cli *cli, const char *chain, sk_edition **out);

/**
 * Starts the links; each is started again when it ends with 75 or by a signal. On failure the message is printed; some
 * may run then.
 */
int sk_links_start(sk_cli *cli, const sk_links_plan *plan, sk_children *children);

/** What the exit status of a schakeld means, in words; "" for those that it does not have. */
const char *sk_link_status_text(int exit_status);

/** Appends what became of a link: "ended: try again (75); again in 1 s". */
void sk_link_end_write(sk_buf *out, const sk_child_news *news);

/** How many teams the plan has, and their names. */
size_t sk_links_team_count(const sk_links_plan *plan);
/** Name of the team by index; borrowed. */
sk_slice sk_links_team(const sk_links_plan *plan, size_t index);

#endif
