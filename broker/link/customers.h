#ifndef SK_LINK_CUSTOMERS_H
#define SK_LINK_CUSTOMERS_H

#include <stdint.h>

#include "kit/err.h"
#include "kit/slice.h"

/** Names of customers to small numbers, so that an entry in memory needs four bytes for its customer. Only grows. */
typedef struct sk_customers sk_customers;

#define SK_CUSTOMER_ASK 0u         /**< an ask without owner: nobody */
#define SK_CUSTOMER_ANY UINT32_MAX /**< for look-ups by id alone */

/** An empty list; NULL without memory. */
sk_customers *sk_customers_new(void);
/** NULL is legal. */
void sk_customers_free(sk_customers *customers);
/** The number of @p name, given on first use; SK_NONE is SK_CUSTOMER_ASK. SK_ERR_NO_MEMORY. */
sk_err sk_customers_number(sk_customers *customers, sk_slice name, uint32_t *out);
/** The name of a number that was given; SK_NONE for SK_CUSTOMER_ASK. Good until the table is freed. */
sk_slice sk_customers_name(const sk_customers *customers, uint32_t number);

#endif
