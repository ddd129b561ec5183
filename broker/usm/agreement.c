/*
 * What two teams have agreed, as everybody else asks for it. Reading is in agreement_read.c.
 */
#include <assert.h>

#include "usm/model.h"

const sk_facility *sk_agreement_facility(const sk_agreement *agreement, sk_slice facility) {
        assert(agreement != NULL);
        if (!sk_slice_there(facility))
                return NULL;
        size_t from = 0;
        size_t to = agreement->facility_count;
        while (from < to) {
                size_t middle = from + (to - from) / 2;
                int order = sk_slice_compare(facility, agreement->facilities[middle].name);
                if (order == 0)
                        return &agreement->facilities[middle];
                if (order < 0)
                        to = middle;
                else
                        from = middle + 1;
        }
        return NULL;
}

sk_slice sk_agreement_customer(const sk_agreement *agreement) {
        assert(agreement != NULL);
        return agreement->customer;
}

sk_slice sk_agreement_provider(const sk_agreement *agreement) {
        assert(agreement != NULL);
        return agreement->provider;
}

const sk_digest *sk_agreement_digest(const sk_agreement *agreement) {
        assert(agreement != NULL);
        return &agreement->digest;
}

size_t sk_agreement_facility_count(const sk_agreement *agreement) {
        assert(agreement != NULL);
        return agreement->facility_count;
}

sk_slice sk_agreement_facility_at(const sk_agreement *agreement, size_t index) {
        assert(agreement != NULL);
        assert(index < agreement->facility_count);
        return agreement->facilities[index].name;
}

bool sk_agreement_has(const sk_agreement *agreement, sk_slice facility) {
        assert(agreement != NULL);
        return sk_agreement_facility(agreement, facility) != NULL;
}

bool sk_agreement_supports(const sk_agreement *agreement, sk_slice facility, sk_call_type type) {
        assert(agreement != NULL);
        assert(type <= SK_CALL_TYPES);
        if (type == SK_WISH)
                return agreement->facility_count > 0;
        const sk_facility *agreed = sk_agreement_facility(agreement, facility);
        return agreed != NULL && type < SK_CALL_TYPES && (agreed->calls & 1U << type) != 0;
}

sk_call_type sk_agreement_type(const sk_agreement *agreement, sk_slice facility) {
        assert(agreement != NULL);
        const sk_facility *agreed = sk_agreement_facility(agreement, facility);
        return agreed == NULL ? SK_CALL_TYPES : agreed->support_request;
}

sk_promise_terms sk_agreement_promise(const sk_agreement *agreement, sk_slice facility, sk_call_type type,
                                      unsigned priority) {
        assert(agreement != NULL);
        const sk_facility *agreed = sk_agreement_facility(agreement, facility);
        if (agreed == NULL || type >= SK_CALL_TYPES)
                return (sk_promise_terms){0};
        const struct sk_facility_promise *promise = &agreed->promises[type];
        bool is_special = priority >= 1 && priority <= 5 && (promise->priorities & 1U << priority) != 0;
        sk_promise_terms terms = is_special ? promise->by_priority[priority] : promise->terms;
        terms.calendar = promise->calendar == NULL ? SK_NONE : promise->calendar->name;
        assert(terms.respond_within_us >= 0);
        assert(terms.resolve_within_us >= 0);
        return terms;
}

unsigned sk_agreement_priority(const sk_agreement *agreement, unsigned impact, unsigned urgency) {
        assert(agreement != NULL);
        assert(impact <= 5);
        assert(urgency <= 5);
        impact = impact == 0 ? 3 : impact;
        urgency = urgency == 0 ? 3 : urgency;
        return agreement->has_priorities ? agreement->priorities[impact - 1][urgency - 1] : urgency;
}

sk_slice sk_agreement_json(const sk_agreement *agreement) {
        assert(agreement != NULL);
        return agreement->json;
}

size_t sk_agreement_share_count(const sk_agreement *agreement) {
        assert(agreement != NULL);
        return agreement->share.count;
}

sk_slice sk_agreement_share_at(const sk_agreement *agreement, size_t index) {
        assert(agreement != NULL);
        assert(index < agreement->share.count);
        return agreement->share.at[index];
}
