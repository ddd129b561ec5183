#include "support/contract.h"

#include <stdlib.h>

static sk_contract *contract;
static sk_schema_run *checks;

static void end(void) {
        sk_contract_free(contract);
        sk_schema_run_free(checks);
}

static void begin(void) {
        if (contract != NULL)
                return;
        contract = sk_contract_new();
        checks = sk_schema_run_new();
        if (contract == NULL || checks == NULL)
                abort();
        atexit(end);
}

const sk_contract *test_contract(void) {
        begin();
        return contract;
}

sk_schema_run *test_checks(void) {
        begin();
        return checks;
}
