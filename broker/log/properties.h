#ifndef SK_LOG_PROPERTIES_H
#define SK_LOG_PROPERTIES_H

#include "usm/edition.h"

/*
 * What the client of a log is told about its connection: `kafka` of chain.json, and over it the lines of a file, which
 * belongs to whoever runs a program and is shown to nobody. `{team}` in a value stands for the team's name, so that one
 * chain directory serves all teams.
 */

typedef struct sk_properties sk_properties;

/** Names the file where no option does. */
#define SK_PROPERTIES_ENVIRONMENT "SCHAKEL_KAFKA_PROPERTIES"
#define SK_PROPERTIES_WHY_MAX 512

typedef struct sk_properties_config {
        const sk_edition *edition; /**< NULL: only the file's */
        const char *file;          /**< lines NAME=VALUE; without a value the property is left out; NULL: none */
        sk_slice team;             /**< SK_NONE: a value with `{team}` is an error */
        bool is_person;            /**< who has a file does not log in as a link: `{team}` in chain.json is left out */
} sk_properties_config;

/**
 * Reads them.
 *
 * @param config  borrowed for the call
 * @param why     gets a sentence when this fails; never quotes a value
 * @param out     new: free with sk_properties_free
 * @return SK_OK; SK_ERR_CONFIG; SK_ERR_NO_MEMORY
 */
sk_err sk_properties_new(const sk_properties_config *config, char why[SK_PROPERTIES_WHY_MAX], sk_properties **out);
/** Wipes them. NULL is legal. */
void sk_properties_free(sk_properties *properties);

/** All of them; texts end with a zero byte. Good until they are freed. */
const sk_chain_property *sk_properties_list(const sk_properties *properties, size_t *out_count);

#endif
