/* Names by number in an array, numbers by name in a map that holds the number plus one as its pointer. */

#include "link/customers.h"

#include <assert.h>
#include <stddef.h>

#include "kit/alloc.h"
#include "kit/map.h"

struct sk_customers {
        sk_map *numbers;
        sk_slice *names;
        uint32_t count; /* of names; number 0 is nobody and stands in no table */
        uint32_t capacity;
};

sk_customers *sk_customers_new(void) {
        sk_customers *customers = sk_alloc_zero(1, sizeof(*customers));

        if (customers == NULL)
                return NULL;
        customers->numbers = sk_map_new();
        if (customers->numbers == NULL) {
                sk_free(customers);
                return NULL;
        }
        return customers;
}

void sk_customers_free(sk_customers *customers) {
        if (customers == NULL)
                return;
        for (uint32_t i = 0; i < customers->count; i++)
                sk_free((void *)(uintptr_t)customers->names[i].at);
        sk_free(customers->names);
        sk_map_free(customers->numbers);
        sk_free(customers);
}

static bool make_room(sk_customers *customers) {
        assert(customers->count <= customers->capacity);
        assert(customers->count < SK_CUSTOMER_ANY - 1); /* which is no customer's */
        uint32_t capacity = customers->capacity == 0 ? 16 : customers->capacity * 2;
        sk_slice *names;

        if (customers->count < customers->capacity)
                return true;
        names = sk_realloc(customers->names, capacity * sizeof(*names));
        if (names == NULL)
                return false;
        customers->names = names;
        customers->capacity = capacity;
        return true;
}

static sk_err add(sk_customers *customers, sk_slice name, uint32_t *out) {
        assert(sk_slice_there(name));
        uint32_t number = customers->count + 1;
        char *copy = make_room(customers) ? sk_alloc_copy(name.at, name.len) : NULL;

        assert(number != SK_CUSTOMER_ASK);
        if (copy == NULL)
                return SK_ERR_NO_MEMORY;
        if (sk_map_put(customers->numbers, name, (void *)(uintptr_t)number, NULL) != SK_OK) {
                sk_free(copy);
                return SK_ERR_NO_MEMORY;
        }
        customers->names[customers->count++] = (sk_slice){copy, name.len};
        *out = number;
        return SK_OK;
}

sk_err sk_customers_number(sk_customers *customers, sk_slice name, uint32_t *out) {
        void *known;

        assert(customers != NULL);
        assert(out != NULL);
        if (!sk_slice_there(name)) {
                *out = SK_CUSTOMER_ASK;
                return SK_OK;
        }
        known = sk_map_get(customers->numbers, name);
        if (known == NULL)
                return add(customers, name, out);
        *out = (uint32_t)(uintptr_t)known;
        assert(*out > 0);
        assert(*out <= customers->count);
        return SK_OK;
}

sk_slice sk_customers_name(const sk_customers *customers, uint32_t number) {
        assert(customers != NULL);
        assert(number != SK_CUSTOMER_ANY);
        assert(number <= customers->count);
        return number == SK_CUSTOMER_ASK ? SK_NONE : customers->names[number - 1];
}
