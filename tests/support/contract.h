#ifndef SK_TESTS_CONTRACT_H
#define SK_TESTS_CONTRACT_H

#include "event/contract.h"

/** The contract of the messages, made once for all drivers and steps of a test; lives until the test ends. */
const sk_contract *test_contract(void);
/** Scratch for it. */
sk_schema_run *test_checks(void);

#endif
