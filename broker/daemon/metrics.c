#include "daemon/metrics.h"

#include <assert.h>

#ifndef SK_VERSION
#define SK_VERSION "unknown"
#endif

/*
 * A row of the table is a metric; a reader gives its value for a host. Names carry their base unit.
 */

typedef double reader(const sk_host_status *host);

#define READER(name, expression)                         \
        static double name(const sk_host_status *host) { \
                return (double)(expression);             \
        }

READER(read_ready, host->is_ready ? 1 : 0)
READER(read_standby, host->stage == SK_LOG_STANDBY ? 1 : 0)
READER(read_open_calls, host->driver.open_calls)
READER(read_stubs, host->driver.stubs)
READER(read_state_bytes, host->driver.state_bytes)
READER(read_calls_opened, host->driver.calls_opened)
READER(read_calls_closed, host->driver.calls_closed)
READER(read_dead_letters, host->driver.dead_letters)
READER(read_unfit, host->driver.unfit)
READER(read_duplicates, host->driver.duplicates)
READER(read_records_written, host->driver.records_written)
READER(read_batches_committed, host->driver.batches_committed)
READER(read_batches_aborted, host->driver.batches_aborted)
READER(read_epoch, host->log.epoch)
READER(read_take_overs, host->log.take_overs)
READER(read_records_fetched, host->log.records_fetched)
READER(read_commits_failed, host->log.commits_failed)
READER(read_busy_waits, host->log.busy_waits)
READER(read_commit_seconds, (double)host->log.commit_us / 1e6)
READER(read_commits, host->log.commits)
READER(read_told, host->outlet.told)
READER(read_not_told, host->outlet.failed + host->outlet.dropped)
READER(read_caught_up, host->stage == SK_LOG_RUNNING && !host->log.is_behind ? 1 : 0)
READER(read_transaction_seconds, (double)host->log.transaction_us / 1e6)
READER(read_rebalances, host->log.rebalances)
READER(read_absences, host->log.absences)
READER(read_away_seconds, (double)host->log.away_us / 1e6)
READER(read_brokers, host->log.brokers)
READER(read_brokers_up, host->log.brokers_up)
READER(read_round_trip_seconds, (double)host->log.round_trip_us / 1e6)
READER(read_waiting_seconds, (double)host->log.waiting_us / 1e6)

struct metric {
        const char *name;
        const char *type;
        const char *help;
        reader *read;
};

static const struct metric metrics[] = {
        {"schakel_ready", "gauge", "1 when the team's link is restored and runs.", read_ready},
        {"schakel_standby", "gauge", "1 while another process runs the team's link.", read_standby},
        {"schakel_open_calls", "gauge", "Calls that are open.", read_open_calls},
        {"schakel_stubs", "gauge", "Closed calls that are remembered.", read_stubs},
        {"schakel_state_bytes", "gauge", "Heads and data of open calls held in memory.", read_state_bytes},
        {"schakel_calls_opened_total", "counter", "Calls opened.", read_calls_opened},
        {"schakel_calls_closed_total", "counter", "Calls closed.", read_calls_closed},
        {"schakel_dead_letters_total", "counter", "Records that could not be used.", read_dead_letters},
        {"schakel_unfit_total", "counter", "Records made that do not fit the schema of their message: a defect.",
         read_unfit},
        {"schakel_duplicates_total", "counter", "Records that were there already.", read_duplicates},
        {"schakel_records_written_total", "counter", "Records committed.", read_records_written},
        {"schakel_batches_committed_total", "counter", "Transactions committed.", read_batches_committed},
        {"schakel_batches_aborted_total", "counter", "Transactions aborted.", read_batches_aborted},
        {"schakel_notices_told_total", "counter", "Notices that the team's outlet took.", read_told},
        {"schakel_notices_not_told_total", "counter", "Notices that were given up or left out.", read_not_told},
        {"schakel_log_epoch", "gauge", "Epoch under which the team is held.", read_epoch},
        {"schakel_log_take_overs_total", "counter", "How often the team was taken over.", read_take_overs},
        {"schakel_log_records_fetched_total", "counter", "Records read from inbound topics.", read_records_fetched},
        {"schakel_log_commits_total", "counter", "Commits tried.", read_commits},
        {"schakel_log_commits_failed_total", "counter", "Commits that failed.", read_commits_failed},
        {"schakel_log_commit_seconds_total", "counter", "Time from sealing to the answer.", read_commit_seconds},
        {"schakel_log_waiting_seconds", "gauge", "How long the log has owed an answer.", read_waiting_seconds},
        {"schakel_log_caught_up", "gauge", "1 when what had come before the team was ours has been read.",
         read_caught_up},
        {"schakel_log_transaction_seconds", "gauge", "How long the present transaction is underway.",
         read_transaction_seconds},
        {"schakel_log_busy_waits_total", "counter", "Time-outs behind another writer.", read_busy_waits},
};

/* Only of a host whose log is Kafka. */
static const struct metric broker_metrics[] = {
        {"schakel_log_rebalances_total", "counter", "How often Kafka's group assigned partitions.", read_rebalances},
        {"schakel_log_absences_total", "counter", "How often no broker could be reached.", read_absences},
        {"schakel_log_away_seconds", "gauge", "How long no broker can be reached.", read_away_seconds},
        {"schakel_log_brokers", "gauge", "Brokers that are known.", read_brokers},
        {"schakel_log_brokers_up", "gauge", "Brokers to which there is a connection.", read_brokers_up},
        {"schakel_log_round_trip_seconds", "gauge", "Round trip to the group's coordinator.", read_round_trip_seconds},
};

static const char *const topic_names[] = {
        [SK_TOPIC_CALLS] = "calls",
        [SK_TOPIC_FEEDBACK] = "feedback",
        [SK_TOPIC_WORK] = "work",
};

static void write_head(const char *name, const char *type, const char *help, sk_buf *out) {
        sk_buf_add_format(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void write_by_topic(const char *name, sk_slice team, const uint64_t *numbers, sk_buf *out) {
        for (size_t kind = 0; kind < sizeof(topic_names) / sizeof(topic_names[0]); kind++)
                sk_buf_add_format(out, "%s{team=\"%.*s\",topic=\"%s\"} %llu\n", name, (int)team.len, team.at,
                                  topic_names[kind], (unsigned long long)numbers[kind]);
}

static void write_inputs(const sk_host_status *hosts, size_t count, sk_buf *out) {
        write_head("schakel_inputs_total", "counter", "Records taken in.", out);
        for (size_t i = 0; i < count; i++)
                write_by_topic("schakel_inputs_total", hosts[i].team, hosts[i].driver.inputs, out);
}

static void write_metric(const struct metric *metric, const sk_host_status *host, sk_buf *out) {
        sk_buf_add_format(out, "%s{team=\"%.*s\"} %.15g\n", metric->name, (int)host->team.len, host->team.at,
                          metric->read(host));
}

static void write_transactions(const sk_host_status *hosts, size_t count, sk_buf *out) {
        static const char name[] = "schakel_log_transaction";

        write_head(name, "gauge", "1 at the state of the transaction.", out);
        for (size_t i = 0; i < count; i++) {
                const sk_log_numbers *log = &hosts[i].log;
                bool is_underway = log->transaction_us > 0;
                const struct {
                        const char *name;
                        bool is_it;
                } states[] = {{"none", !is_underway},
                              {"underway", is_underway && !log->is_unknown},
                              {"unknown", is_underway && log->is_unknown}};
                for (size_t s = 0; s < sizeof(states) / sizeof(states[0]); s++)
                        sk_buf_add_format(out, "%s{team=\"%.*s\",state=\"%s\"} %d\n", name, (int)hosts[i].team.len,
                                          hosts[i].team.at, states[s].name, states[s].is_it);
        }
}

static void write_brokers(const sk_host_status *hosts, size_t count, sk_buf *out) {
        static const char name[] = "schakel_log_lag_records";

        write_head(name, "gauge", "Records that were there and not fetched yet, at most.", out);
        for (size_t i = 0; i < count; i++) {
                if (hosts[i].log.has_brokers)
                        write_by_topic(name, hosts[i].team, hosts[i].log.lag, out);
        }
        for (size_t m = 0; m < sizeof(broker_metrics) / sizeof(broker_metrics[0]); m++) {
                write_head(broker_metrics[m].name, broker_metrics[m].type, broker_metrics[m].help, out);
                for (size_t i = 0; i < count; i++) {
                        if (hosts[i].log.has_brokers)
                                write_metric(&broker_metrics[m], &hosts[i], out);
                }
        }
}

static void write_process(const sk_process_numbers *process, sk_buf *out) {
        write_head("schakel_build_info", "gauge", "Always 1; the label says which version runs.", out);
        sk_buf_add_format(out, "schakel_build_info{version=\"%s\"} 1\n", SK_VERSION);
        write_head("schakel_process_cpu_seconds_total", "counter", "Processor time used.", out);
        sk_buf_add_format(out, "schakel_process_cpu_seconds_total %.6f\n", process->cpu_seconds);
        write_head("schakel_process_resident_bytes", "gauge", "Memory resident.", out);
        sk_buf_add_format(out, "schakel_process_resident_bytes %.0f\n", process->resident_bytes);
        write_head("schakel_process_start_time_seconds", "gauge", "When the process began, since the epoch.", out);
        sk_buf_add_format(out, "schakel_process_start_time_seconds %.3f\n", process->start_seconds);
}

void sk_metrics_write(const sk_host_status *hosts, size_t count, const sk_process_numbers *process, sk_buf *out) {
        assert((hosts != NULL || count == 0) && process != NULL && out != NULL);
        write_process(process, out);
        write_inputs(hosts, count, out);
        for (size_t m = 0; m < sizeof(metrics) / sizeof(metrics[0]); m++) {
                write_head(metrics[m].name, metrics[m].type, metrics[m].help, out);
                for (size_t i = 0; i < count; i++)
                        write_metric(&metrics[m], &hosts[i], out);
        }
        write_transactions(hosts, count, out);
        write_brokers(hosts, count, out);
}
