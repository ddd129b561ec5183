#ifndef SK_CLI_VIEW_JSON_H
#define SK_CLI_VIEW_JSON_H

#include "cli/session/view.h"

/** The members of an open record, into an open object. */
void sk_view_json_members(const sk_session *session, const sk_view_record *record, const sk_call *call,
                          sk_json_writer *json);
/** An open record as one line of JSON. Returns as sk_cli_json_end. */
int sk_view_json(const sk_session *session, const sk_view_record *record, const sk_call *call);

#endif
