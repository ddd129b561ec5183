#ifndef SK_CLI_EVENT_TEXT_H
#define SK_CLI_EVENT_TEXT_H

#include "cli/cli.h"
#include "event/message.h"

/** What an event says, in a few words; good as sk_cli_safe. @p value has been checked. */
const char *sk_event_text(sk_cli *cli, sk_message type, sk_slice value);

/** Whether people want to see it: neither what a link did by itself nor what only repeats another event. */
bool sk_event_matters(sk_message type, sk_slice value);

/** How it is to be shown. */
sk_style sk_event_style(sk_message type, sk_slice value);

#endif
