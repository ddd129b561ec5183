#ifndef SK_SIMULATION_POST_H
#define SK_SIMULATION_POST_H

#include "kit/json_write.h"
#include "simulation/sim.h"

/** A work record in the making. */
typedef struct sim_work {
        unsigned team;
        sk_id call;
        sk_message type;
        sk_slice actor;
        bool is_poison;
        sk_buf value;
        sk_json_writer writer;
} sim_work;

/** A new id of the present moment. */
sk_id sim_new_id(sim *s);
sim_work sim_work_begin(unsigned team, const sk_id *call, sk_message type, sk_slice actor);
/** Opens the record's value, an object. */
sk_json_writer *sim_work_value(sim_work *w);
/** Closes the value, puts the envelope around it and appends the record to the team's topic. */
void sim_work_send(sim *s, sim_work *w);

#endif
