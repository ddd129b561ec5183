#include "usm/check.h"
void sk_check_routines(sk_check *check) {
        (void)check;
}
