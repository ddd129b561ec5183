#include "log/move_in.h"

#include <assert.h>
#include <inttypes.h>

/*
 * Out of a file into a log: look at what is there, plan, compare, write what is missing, read it all back. Journals with
 * their marks are written first: a link that is started too early finds marks behind the end of its topics and does
 * not become ready; without marks it would take everything for new.
 */

#define SCRATCH_MAX ((size_t)32 << 20)
#define HEADERS_MAX ((size_t)8 << 20)

/* ---- partitions ---- */

/* One number for all topics of a chain, or its links do not become ready. */
static sk_err check_partitions(sk_arrival *arrival) {
        const sk_move_topic *first = NULL;

        for (size_t i = 0; i < arrival->topics.count; i++) {
                const sk_move_topic *topic = &arrival->topics.at[i];
                if (first == NULL)
                        first = topic;
                if (topic->partitions != first->partitions)
                        return sk_move_fail(
                                arrival->report->why, SK_ERR_CONFLICT,
                                "%s has %d partitions, %s has %d; all topics of a chain need the same number",
                                first->name, (int)first->partitions, topic->name, (int)topic->partitions);
                if (arrival->config->partitions > 0 && topic->partitions != arrival->config->partitions)
                        return sk_move_fail(arrival->report->why, SK_ERR_CONFLICT,
                                            "%s has %d partitions, but chain.json says %d", topic->name,
                                            (int)topic->partitions, (int)arrival->config->partitions);
        }
        return SK_OK;
}

static void bases_set(sk_arrival *arrival) {
        for (size_t i = 0; i < arrival->topics.count; i++) {
                for (int32_t p = 0; p < arrival->topics.at[i].partitions; p++)
                        arrival->topics.at[i].places[p].base = arrival->topics.at[i].places[p].end;
        }
}

/* ---- comparing ---- */

static sk_err compare_one(sk_arrival *arrival, const sk_move_topic *topic, int32_t partition) {
        const sk_move_place *place = &topic->places[partition];

        if (sk_moved_sum_equal(&place->there, &place->prefix))
                return SK_OK;
        return sk_move_fail(arrival->report->why, SK_ERR_CONFLICT,
                            "the log is not empty: %s, partition %d, holds %" PRIu64
                            " record%s that %s no beginning of this "
                            "export",
                            topic->name, (int)partition, place->there.count, place->there.count == 1 ? "" : "s",
                            place->there.count == 1 ? "is" : "are");
}

static sk_err compare(sk_arrival *arrival) {
        sk_err err = SK_OK;

        for (size_t i = 0; i < arrival->topics.count && err == SK_OK; i++) {
                for (int32_t p = 0; p < arrival->topics.at[i].partitions && err == SK_OK; p++)
                        err = compare_one(arrival, &arrival->topics.at[i], p);
        }
        return err;
}

/* ---- writing ---- */

static sk_err write_one(sk_arrival *arrival, const sk_arriving *arriving) {
        sk_move_place *place = &arriving->topic->places[arriving->partition];
        sk_move_row *row = sk_move_report_row(arrival->report, sk_slice_of(arriving->topic->name));
        sk_mover_record record = {.topic = sk_slice_of(arriving->topic->name),
                                  .partition = arriving->partition,
                                  .timestamp_us = arriving->moved.timestamp_us,
                                  .key = arriving->moved.key,
                                  .headers = arriving->moved.headers,
                                  .value = arriving->moved.value};

        if (row == NULL)
                return SK_ERR_NO_MEMORY;
        sk_err err = sk_move_tell(arrival->config, "importing", ++arrival->done, arrival->total);
        if (err != SK_OK || place->passed++ < place->there.count)
                return err;
        err = sk_mover_write(arrival->config->mover, &record);
        if (err != SK_OK)
                return sk_move_fail(arrival->report->why, err, "%s: %s", arriving->topic->name,
                                    sk_mover_why(arrival->config->mover));
        row->written++;
        return SK_OK;
}

static sk_err write_all(sk_arrival *arrival) {
        arrival->done = 0;
        sk_err err = sk_arrival_walk(arrival, write_one);
        sk_err end = sk_mover_flush(arrival->config->mover);

        if (err == SK_OK && end != SK_OK)
                err = sk_move_fail(arrival->report->why, end, "%s", sk_mover_why(arrival->config->mover));
        return err;
}

/* ---- reading back ---- */

static sk_err confirm_one(sk_arrival *arrival, const sk_move_topic *topic, int32_t partition) {
        const sk_move_place *place = &topic->places[partition];
        char wanted[SK_DIGEST_TEXT];
        char found[SK_DIGEST_TEXT];

        sk_moved_sum_format(&place->planned, wanted);
        sk_moved_sum_format(&place->there, found);
        if (!sk_moved_sum_equal(&place->planned, &place->there))
                return sk_move_fail(arrival->report->why, SK_ERR_CONFLICT,
                                    "%s, partition %d: %" PRIu64 " records with digest %.32s were to be there, %" PRIu64
                                    " with %.32s are",
                                    topic->name, (int)partition, place->planned.count, wanted, place->there.count,
                                    found);
        /* Marks name offsets of other topics only; a local journal has gaps where a key was written again. */
        if (topic->kind != SK_TOPIC_JOURNAL && place->last - place->base + 1 != (int64_t)place->there.count)
                return sk_move_fail(arrival->report->why, SK_ERR_CONFLICT,
                                    "%s, partition %d: offsets %" PRId64 " to %" PRId64
                                    " have gaps, so the marks are wrong",
                                    topic->name, (int)partition, place->base, place->last);
        return SK_OK;
}

static sk_err ends_look(sk_arrival *arrival) {
        sk_log_tool *tool = sk_mover_tool(arrival->config->mover);

        for (size_t i = 0; i < arrival->topics.count; i++) {
                sk_move_topic *topic = &arrival->topics.at[i];
                for (int32_t p = 0; p < topic->partitions; p++) {
                        sk_err err = sk_log_tool_end(tool, sk_slice_of(topic->name), p, &topic->places[p].end);
                        if (err != SK_OK)
                                return sk_move_fail(arrival->report->why, err, "%s: %s", topic->name,
                                                    sk_log_tool_why(tool));
                }
        }
        return SK_OK;
}

static sk_err confirm(sk_arrival *arrival) {
        sk_err err = ends_look(arrival);

        if (err == SK_OK)
                err = sk_arrival_look(arrival, "reading back");
        for (size_t i = 0; i < arrival->topics.count && err == SK_OK; i++) {
                const sk_move_topic *topic = &arrival->topics.at[i];
                for (int32_t p = 0; p < topic->partitions && err == SK_OK; p++)
                        err = confirm_one(arrival, topic, p);
                sk_move_row *row = err == SK_OK && topic->is_in_file
                                           ? sk_move_report_row(arrival->report, sk_slice_of(topic->name))
                                           : NULL;
                if (row != NULL)
                        row->is_confirmed = true;
        }
        if (err != SK_OK)
                return err;
        err = sk_mover_check(arrival->config->mover);
        return err == SK_OK ? SK_OK
                            : sk_move_fail(arrival->report->why, err, "%s", sk_mover_why(arrival->config->mover));
}

/* ---- all ---- */

static sk_err prepare(sk_arrival *arrival) {
        const sk_move_config *config = arrival->config;
        char *why = arrival->report->why;
        sk_err err = sk_export_reader_new(config->file, why, &arrival->file);

        if (err == SK_OK)
                err = sk_move_topics_list(&arrival->topics, config, why);
        if (err == SK_OK)
                err = check_partitions(arrival);
        if (err == SK_OK)
                err = sk_move_hold(&arrival->topics, config, why);
        if (err == SK_OK) { /* as they are now that nobody writes any more */
                sk_move_topics_free(&arrival->topics);
                err = sk_move_topics_list(&arrival->topics, config, why);
        }
        if (err == SK_OK) {
                bases_set(arrival);
                err = sk_arrival_look(arrival, "looking at what is there");
        }
        return err;
}

static sk_err arrive(sk_arrival *arrival) {
        sk_err err = prepare(arrival);

        if (err == SK_OK)
                err = sk_arrival_plan(arrival);
        if (err == SK_OK)
                err = compare(arrival);
        if (err == SK_OK)
                err = write_all(arrival);
        if (err == SK_OK)
                err = confirm(arrival);
        return err;
}

sk_err sk_move_in(const sk_move_config *config, sk_move_report *report) {
        assert(config != NULL);
        assert(config->file != NULL);
        assert(report != NULL);
        static_assert(SK_EXPORT_WHY_MAX <= SK_MOVE_WHY_MAX, "a sentence fits");
        sk_arrival arrival = {.config = config,
                              .report = report,
                              .letters = sk_idmap_new(),
                              .scratch = sk_buf_make(SCRATCH_MAX),
                              .headers = sk_buf_make(HEADERS_MAX)};

        *report = (sk_move_report){NULL, 0, 0, 0, 0, 0, 0, ""};
        sk_err err = arrival.letters == NULL ? SK_ERR_NO_MEMORY : arrive(&arrival);
        sk_move_report_add_up(report);
        sk_export_reader_free(arrival.file);
        sk_move_topics_free(&arrival.topics);
        sk_idmap_free(arrival.letters);
        sk_buf_free(&arrival.scratch);
        sk_buf_free(&arrival.headers);
        if (err == SK_ERR_ABORTED)
                (void)sk_move_fail(report->why, err, "given up");
        else if (err != SK_OK && report->why[0] == '\0')
                (void)sk_move_fail(report->why, err, "%s", sk_err_text(err));
        return err;
}
