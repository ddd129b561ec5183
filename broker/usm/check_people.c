#include "usm/check.h"
void sk_check_people(sk_check *check) {
        (void)check;
}
