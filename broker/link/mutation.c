/* Holds the switch of the test build; empty in every other. */

#include "link/mutation.h"

#ifdef SK_MUTATION
int sk_mutation = SK_WITHOUT_NOTHING;
#endif
