/*
 * A file of agreements/: facilities, the calls that each supports, promises, and what the other side may see.
 */
#include <assert.h>
#include <stdlib.h>

#include "usm/check.h"

#define FACILITIES_MAX 1000         /* of one agreement */
#define FACILITIES_IN_ALL_MAX 50000 /* of the chain */

static sk_call_type read_type(sk_check *check, const sk_spot *spot, sk_slice text) {
        assert(sk_slice_there(text));
        sk_call_type type = sk_call_type_find(text);
        if (type == SK_WISH || type == SK_REQUEST_FOR_CHANGE || type == SK_INCIDENT || type == SK_SERVICE_REQUEST)
                return type;
        sk_suggestion suggestion = sk_suggest_make(text);
        sk_suggest_offer(&suggestion, SK_SLICE("incident"));
        sk_suggest_offer(&suggestion, SK_SLICE("service-request"));
        sk_suggest_offer(&suggestion, SK_SLICE("request-for-change"));
        sk_suggest_offer(&suggestion, SK_SLICE("wish"));
        sk_check_say(check, spot, SK_ERROR, "value-range",
                     "%s is no call that can be agreed\n%sthere are \"incident\", \"service-request\", "
                     "\"request-for-change\" and \"wish\"",
                     sk_quote(text).text, sk_suggest_hint(&suggestion).text);
        return SK_CALL_TYPES;
}

static void read_calls(sk_check *check, const sk_spot *facility, sk_facility *out) {
        assert(out->calls == 0);
        sk_spot calls = sk_spot_member(facility, "calls");
        out->support_request = SK_CALL_TYPES;
        if (!sk_read_need(check, &calls, "the calls that the facility is supported with, such as [\"incident\"]"))
                return;
        sk_names names = sk_read_names(check, &calls);
        for (size_t i = 0; i < names.count; i++) {
                sk_spot item = json_is_array(calls.value) ? sk_spot_item(&calls, i) : calls;
                sk_call_type type = read_type(check, &item, names.at[i]);
                if (type == SK_CALL_TYPES)
                        continue;
                if (out->support_request == SK_CALL_TYPES)
                        out->support_request = type;
                out->calls |= (uint8_t)(1U << type);
        }
        if (json_is_array(calls.value) && json_array_size(calls.value) == 0)
                sk_check_say(check, &calls, SK_ERROR, "value-range",
                             "the facility is supported with no call at all\nname at least one");
}

static void read_support_request(sk_check *check, const sk_spot *facility, sk_facility *out) {
        assert(out->support_request <= SK_CALL_TYPES);
        sk_spot spot = sk_spot_member(facility, "support_request");
        sk_slice text = sk_read_text(check, &spot);
        if (!sk_slice_there(text))
                return;
        sk_call_type type = read_type(check, &spot, text);
        if (type == SK_CALL_TYPES)
                return;
        if ((out->calls & 1U << type) != 0)
                out->support_request = type;
        else
                sk_check_say(check, &spot, SK_ERROR, "value-range",
                             "a support-request cannot become a call %s that the facility is not supported with\n"
                             "add it to \"calls\", or choose one of those",
                             sk_quote(text).text);
}

static sk_promise_terms read_terms(sk_check *check, const sk_spot *spot) {
        assert(spot != NULL);
        sk_spot respond = sk_spot_member(spot, "respond_within");
        sk_spot resolve = sk_spot_member(spot, "resolve_within");
        return (sk_promise_terms){
                .respond_within_us = sk_read_duration(check, &respond),
                .resolve_within_us = sk_read_duration(check, &resolve),
        };
}

static void read_priority(sk_check *check, const sk_spot *spot, struct sk_facility_promise *out) {
        assert(spot->name != NULL);
        static const char *const allowed[] = {"respond_within", "resolve_within", NULL};
        if (strlen(spot->name) != 1 || spot->name[0] < '1' || spot->name[0] > '5') {
                sk_spot at = sk_spot_name(spot);
                sk_check_say(check, &at, SK_ERROR, "value-range",
                             "%s is no priority\npriorities are \"1\" (highest) to \"5\"",
                             sk_quote(sk_slice_of(spot->name)).text);
                return;
        }
        if (!sk_read_is_object(check, spot))
                return;
        unsigned priority = (unsigned)(spot->name[0] - '0');
        sk_read_only(check, spot, allowed);
        out->by_priority[priority] = read_terms(check, spot);
        out->priorities |= (uint8_t)(1U << priority);
        assert(out->priorities < 1U << 6);
}

/** In whose service hours a promise runs: what it says itself, else what the agreement says. */
static const sk_calendar *read_service_hours(sk_check *check, const sk_spot *promise, const sk_calendar *other) {
        assert(promise != NULL);
        sk_spot spot = sk_spot_member(promise, "service_hours");
        if (spot.value == NULL)
                return other;
        if (json_is_string(spot.value) && strcmp(json_string_value(spot.value), SK_ELAPSED) == 0)
                return NULL;
        return sk_read_calendar(check, &spot);
}

static void read_promise(sk_check *check, const sk_spot *spot, const sk_agreement *agreement, sk_facility *facility) {
        assert(spot->name != NULL);
        static const char *const allowed[] = {"respond_within", "resolve_within", "by_priority", "service_hours", NULL};
        sk_spot at = sk_spot_name(spot);
        sk_call_type type = read_type(check, &at, sk_slice_of(spot->name));
        if (type == SK_CALL_TYPES || !sk_read_is_object(check, spot))
                return;
        if ((facility->calls & 1U << type) == 0 && type != SK_WISH)
                sk_check_say(check, &at, SK_ERROR, "value-range",
                             "something is promised for %s, which the facility is not supported with\nadd it to "
                             "\"calls\", or take the promise out",
                             sk_quote(sk_slice_of(spot->name)).text);
        assert(type < SK_CALL_TYPES);
        struct sk_facility_promise *promise = &facility->promises[type];
        sk_read_only(check, spot, allowed);
        promise->terms = read_terms(check, spot);
        promise->calendar = read_service_hours(check, spot, agreement->calendar);
        sk_spot priorities = sk_spot_member(spot, "by_priority");
        if (!sk_read_is_object(check, &priorities))
                return;
        const char *name;
        json_t *value;
        json_object_foreach(priorities.value, name, value) {
                sk_spot member = sk_spot_member(&priorities, name);
                if (!sk_read_is_remark(name))
                        read_priority(check, &member, promise);
        }
}

static void read_promises(sk_check *check, const sk_spot *spot, const sk_agreement *agreement, sk_facility *facility) {
        assert(sk_slice_there(facility->name));
        const char *name;
        json_t *value;
        sk_spot promises = sk_spot_member(spot, "promises");
        if (!sk_read_is_object(check, &promises))
                return;
        json_object_foreach(promises.value, name, value) {
                sk_spot member = sk_spot_member(&promises, name);
                if (!sk_read_is_remark(name))
                        read_promise(check, &member, agreement, facility);
        }
}

static void read_mix(sk_check *check, const sk_spot *facility) {
        assert(facility->name != NULL);
        sk_spot goods = sk_spot_member(facility, "goods");
        sk_spot actions = sk_spot_member(facility, "actions");
        sk_names good_names = sk_read_names(check, &goods);
        sk_names action_names = sk_read_names(check, &actions);
        if (good_names.count > 0 || action_names.count > 0)
                return;
        sk_spot at = sk_spot_name(facility);
        sk_check_say(check, &at, SK_WARNING, "facility-empty",
                     "the facility %s has no goods and no actions\nsay what the customer gets (\"goods\") and what is "
                     "done for him (\"actions\")",
                     sk_quote(sk_slice_of(facility->name)).text);
}

static void read_facility(sk_check *check, const sk_spot *spot, sk_agreement *agreement) {
        assert(agreement->facilities != NULL);
        assert(spot->name != NULL);
        static const char *const allowed[] = {"title",           "goods",    "actions", "calls",
                                              "support_request", "promises", NULL};
        sk_spot at = sk_spot_name(spot);
        if (!sk_read_name(check, &at, sk_slice_of(spot->name), "a facility") || !sk_read_is_object(check, spot))
                return;
        sk_facility *facility = &agreement->facilities[agreement->facility_count];
        facility->name = sk_arena_copy(check->edition->arena, sk_slice_of(spot->name));
        if (facility->name.at == NULL) {
                sk_check_out_of_memory(check);
                return;
        }
        agreement->facility_count++;
        sk_read_only(check, spot, allowed);
        sk_spot title = sk_spot_member(spot, "title");
        (void)sk_read_title(check, &title);
        read_mix(check, spot);
        read_calls(check, spot, facility);
        read_support_request(check, spot, facility);
        read_promises(check, spot, agreement, facility);
}

static int compare_facilities(const void *left, const void *right) {
        return sk_slice_compare(((const sk_facility *)left)->name, ((const sk_facility *)right)->name);
}

static void read_facilities(sk_check *check, const sk_spot *root, sk_agreement *agreement) {
        assert(agreement->facility_count == 0);
        const char *name;
        json_t *value;
        sk_spot facilities = sk_spot_member(root, "facilities");
        if (!sk_read_need(check, &facilities, "what the provider makes available to the customer") ||
            !sk_read_is_object(check, &facilities))
                return;
        if (json_object_size(facilities.value) > FACILITIES_MAX) {
                sk_check_say(check, &facilities, SK_ERROR, "value-range",
                             "the agreement has %zu facilities, more than %d\nput what is used together into one",
                             json_object_size(facilities.value), FACILITIES_MAX);
                return;
        }
        agreement->facilities = sk_check_get(check, json_object_size(facilities.value), sizeof *agreement->facilities);
        json_object_foreach(facilities.value, name, value) {
                sk_spot member = sk_spot_member(&facilities, name);
                if (check->err == SK_OK && !sk_read_is_remark(name))
                        read_facility(check, &member, agreement);
        }
        if (agreement->facility_count > 1)
                qsort(agreement->facilities, agreement->facility_count, sizeof *agreement->facilities,
                      compare_facilities);
        if (check->err == SK_OK && json_object_size(facilities.value) == 0)
                sk_check_say(check, &facilities, SK_ERROR, "value-range",
                             "the agreement has no facility\nadd at least one, or take the agreement out");
        assert(agreement->facility_count <= FACILITIES_MAX);
}

/** Why it is no JSON Pointer (RFC 6901) that can share something, with a remedy; NULL when it is one. */
static const char *why_no_pointer(sk_slice pointer) {
        assert(sk_slice_there(pointer) || pointer.len == 0);
        unsigned names = 0;
        if (pointer.len > 0 && pointer.at[0] != '/')
                return "is no JSON Pointer\nbegin it with a slash: \"/need\"";
        for (size_t i = 0; i < pointer.len; i++) {
                char next = i + 1 < pointer.len ? pointer.at[i + 1] : '\0';
                names += pointer.at[i] == '/';
                if (pointer.at[i] == '~' && next != '0' && next != '1')
                        return "is no JSON Pointer\nwrite ~0 for a tilde in a name, and ~1 for a slash";
        }
        return names <= SK_SHARE_DEPTH_MAX ? NULL : "leads deeper than 16 names\nshare what holds it";
}

/** A row for each impact, in it a column for each urgency. */
static bool read_priority_row(sk_check *check, const sk_spot *row, uint8_t out[5]) {
        assert(out != NULL);
        if (!json_is_array(row->value) || json_array_size(row->value) != 5)
                return false;
        for (size_t i = 0; i < 5; i++) {
                sk_spot cell = sk_spot_item(row, i);
                out[i] = (uint8_t)sk_read_int(check, &cell, 1, 5, 3);
        }
        return true;
}

static void read_priorities(sk_check *check, const sk_spot *root, sk_agreement *agreement) {
        assert(!agreement->has_priorities);
        sk_spot table = sk_spot_member(root, "priorities");
        bool is_table = json_is_array(table.value) && json_array_size(table.value) == 5;
        if (table.value == NULL)
                return;
        for (size_t i = 0; i < 5 && is_table; i++) {
                sk_spot row = sk_spot_item(&table, i);
                is_table = read_priority_row(check, &row, agreement->priorities[i]);
        }
        agreement->has_priorities = is_table;
        if (!is_table)
                sk_check_say(
                        check, &table, SK_ERROR, "value-range",
                        "this is no table of priorities\ngive five rows, one for each impact from 1 to 5, with five "
                        "priorities each, one for each urgency from 1 to 5: [[1, 1, 2, 3, 4], ...]");
}

static void read_share(sk_check *check, const sk_spot *root, sk_agreement *agreement) {
        assert(agreement->share.count == 0);
        sk_spot share = sk_spot_member(root, "share");
        agreement->share = sk_read_names(check, &share);
        for (size_t i = 0; i < agreement->share.count; i++) {
                sk_slice pointer = agreement->share.at[i];
                const char *why = why_no_pointer(pointer);
                if (why == NULL)
                        continue;
                sk_spot item = json_is_array(share.value) ? sk_spot_item(&share, i) : share;
                sk_check_say(check, &item, SK_ERROR, "value-range", "%s %s", sk_quote(pointer).text, why);
        }
}

static sk_team *read_party(sk_check *check, const sk_spot *root, const char *member, const char *what) {
        assert(member != NULL);
        assert(what != NULL);
        sk_spot spot = sk_spot_member(root, member);
        if (!sk_read_need(check, &spot, what))
                return NULL;
        const sk_team *team = sk_read_team(check, &spot);
        return team == NULL ? NULL : &check->edition->teams[team - check->edition->teams];
}

static void check_parties(sk_check *check, const sk_spot *root, const sk_team *customer, sk_team *provider) {
        assert(customer != NULL);
        assert(provider != NULL);
        sk_spot spot = sk_spot_member(root, "provider");
        if (customer == provider) {
                sk_check_say(check, &spot, SK_ERROR, "agreement-self",
                             "the team %s cannot serve itself\nname another customer or provider",
                             sk_quote(provider->name).text);
                return;
        }
        if (provider->says_consumer)
                sk_check_say(check, &spot, SK_ERROR, "consumer-provides",
                             "the team %s says in its team.json that it only consumes\ntake \"consumer\" out there, "
                             "or name another provider",
                             sk_quote(provider->name).text);
        provider->is_provider = true;
}

/** The whole, which is offered and signed for; not where one party keeps the schema of the file. */
static sk_slice read_whole(sk_check *check, const sk_spot *root) {
        json_t *plain = json_copy(root->value);
        sk_spot spot = *root;
        sk_slice text = SK_NONE;

        assert(root->value != NULL);
        (void)json_object_del(plain, "$schema");
        spot.value = plain;
        if (plain == NULL)
                sk_check_out_of_memory(check);
        else
                text = sk_read_json(check, &spot);
        json_decref(plain);
        return text;
}

/** Fills @p out; false if nothing of it can be used. */
static bool read_agreement(sk_check *check, const sk_source *source, sk_agreement *out) {
        assert(source->root != NULL);
        static const char *const allowed[] = {"customer", "provider",      "title",      "facilities",
                                              "share",    "service_hours", "priorities", NULL};
        sk_spot root = sk_spot_root(source);
        sk_spot title = sk_spot_member(&root, "title");
        *out = (sk_agreement){.source = source};
        sk_read_only(check, &root, allowed);
        (void)sk_read_title(check, &title);
        sk_team *customer = read_party(check, &root, "customer", "the team that is served");
        sk_team *provider = read_party(check, &root, "provider", "the team that serves");
        out->calendar = read_service_hours(check, &root, NULL);
        read_facilities(check, &root, out);
        read_priorities(check, &root, out);
        read_share(check, &root, out);
        out->json = read_whole(check, &root);
        out->digest = sk_digest_of(out->json);
        if (customer == NULL || provider == NULL || check->err != SK_OK)
                return false;
        check_parties(check, &root, customer, provider);
        out->customer = customer->name;
        out->provider = provider->name;
        return customer != provider;
}

static int compare(const void *left, const void *right) {
        const sk_agreement *a = left;
        const sk_agreement *b = right;
        assert(a->source != NULL);
        assert(b->source != NULL);
        int order = sk_slice_compare(a->customer, b->customer);
        if (order == 0)
                order = sk_slice_compare(a->provider, b->provider);
        return order != 0 ? order : strcmp(a->source->path, b->source->path);
}

static void check_doubles(sk_check *check) {
        assert(check->edition != NULL);
        const sk_agreement *agreements = check->edition->agreements;
        for (size_t i = 1; i < check->edition->agreement_count; i++) {
                const sk_agreement *a = &agreements[i - 1];
                const sk_agreement *b = &agreements[i];
                if (!sk_slice_equal(a->customer, b->customer) || !sk_slice_equal(a->provider, b->provider))
                        continue;
                sk_spot root = sk_spot_root(b->source);
                sk_spot provider = sk_spot_member(&root, "provider");
                sk_check_say(check, &provider, SK_ERROR, "agreement-duplicate",
                             "customer and provider have an agreement already, in %s\nput the facilities of both into "
                             "one file",
                             sk_quote_bare(sk_slice_of(a->source->path)).text);
        }
}

static void count_facilities(sk_check *check) {
        assert(check->edition != NULL);
        size_t count = 0;
        for (size_t i = 0; i < check->edition->agreement_count; i++)
                count += check->edition->agreements[i].facility_count;
        if (count <= FACILITIES_IN_ALL_MAX)
                return;
        sk_check_say_at(check, "", NULL, "value-range",
                        "the agreements have %zu facilities in all, more than %d\nmake several chains of it", count,
                        FACILITIES_IN_ALL_MAX);
        check->edition->agreement_count = 0;
}

/** All that a team provides, by name, each once. */
static void settle_provided(sk_check *check, sk_team *team) {
        assert(team->provided.count == 0);
        const sk_edition *edition = check->edition;
        size_t count = 0;
        for (size_t i = 0; i < edition->agreement_count; i++) {
                if (sk_slice_equal(edition->agreements[i].provider, team->name))
                        count += edition->agreements[i].facility_count;
        }
        sk_slice *names = sk_check_get(check, count, sizeof *names);
        if (names == NULL)
                return;
        count = 0;
        for (size_t i = 0; i < edition->agreement_count; i++) {
                const sk_agreement *agreement = &edition->agreements[i];
                if (!sk_slice_equal(agreement->provider, team->name))
                        continue;
                for (size_t j = 0; j < agreement->facility_count; j++)
                        names[count++] = agreement->facilities[j].name;
        }
        if (count > 1)
                qsort(names, count, sizeof *names, sk_slice_compare_at);
        team->provided.at = names;
        for (size_t i = 0; i < count; i++) {
                if (i == 0 || !sk_slice_equal(names[i], names[team->provided.count - 1]))
                        names[team->provided.count++] = names[i];
        }
        assert(team->provided.count <= count);
}

void sk_agreements_read(sk_check *check) {
        sk_edition *edition = check->edition;
        assert(edition->agreement_count == 0);
        edition->agreements =
                sk_check_get(check, sk_sources_count(check, SK_FILE_AGREEMENT), sizeof *edition->agreements);
        for (size_t i = 0; i < check->source_count && check->err == SK_OK; i++) {
                const sk_source *source = &check->sources[i];
                if (source->kind != SK_FILE_AGREEMENT || source->root == NULL)
                        continue;
                if (read_agreement(check, source, &edition->agreements[edition->agreement_count]))
                        edition->agreement_count++;
        }
        if (edition->agreement_count > 1)
                qsort(edition->agreements, edition->agreement_count, sizeof *edition->agreements, compare);
        check_doubles(check);
        count_facilities(check);
        for (size_t i = 0; i < edition->team_count && check->err == SK_OK; i++)
                settle_provided(check, &edition->teams[i]);
}
