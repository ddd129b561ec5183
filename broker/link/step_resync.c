#include <assert.h>

#include "link/stepping.h"

/*
 * Resync: a provider may have lost what it had read last. Each open ask's raise is sent once more as it was, value and
 * headers, so that the provider can tell it from a new one (rule C3). Nothing of the call changes by that, and nothing is
 * told: what is lost on the other side besides, an answer or a withdraw, shows in the provider's answer (rule O7).
 */

bool sk_head_asks(sk_slice head, sk_slice provider) {
        assert(provider.len > 0);
        sk_call call;

        if (sk_call_decode(head, &call) != SK_OK) {
                return false;
        }
        for (unsigned i = 0; i < call.ask_count; i++) {
                if (call.asks[i].standing != SK_CLOSED && sk_slice_equal(call.asks[i].provider, provider)) {
                        return true;
                }
        }
        return false;
}

/** An offer that came out of the blue has no raise: there its provider speaks first, and again when it has lost track. */
static void repeat(sk_stepping *s, const sk_ask *ask) {
        uint8_t index = sk_ask_index(&s->call, ask);
        sk_section raise;
        sk_section sent;
        int64_t time_us = 0;

        assert(ask->standing != SK_CLOSED);
        if (!sk_data_find(sk_data_now(s), SK_SECTION_ASK_RAISE, index, &raise) ||
            !sk_data_find(sk_data_now(s), SK_SECTION_ASK_SENT, index, &sent)) {
                return;
        }
        if (!sk_when_parse(sk_json_member_string(sent.bytes, "time", s->context->arena), &time_us)) {
                return;
        }
        sk_ask_repeat(s, ask, raise.bytes, time_us, sk_json_member_string(sent.bytes, "agreement", s->context->arena));
}

void sk_step_resync(sk_stepping *s) {
        assert(s->before->known == SK_KNOWN_OPEN);
        assert(s->input->provider.len > 0);
        for (unsigned i = 0; i < s->call.ask_count; i++) {
                const sk_ask *ask = &s->call.asks[i];
                if (ask->standing != SK_CLOSED && sk_slice_equal(ask->provider, s->input->provider)) {
                        repeat(s, ask);
                }
        }
        assert(!s->call_changed);
}
