/* Which how is whose; a how that this program does not have fails its effects, from a timer. */

#include "how/hows.h"

#include <assert.h>
#include <limits.h>
#include <stdio.h>

#include "how/http.h"
#include "how/plugin.h"
#include "kit/alloc.h"

/** An effect of a how that is not there. */
typedef struct missing {
        struct missing *next;
        sk_id callid;
        uint32_t visit;
        uint8_t try_number;
} missing;

struct sk_hows {
        sk_how_port ports[SK_HOWS];
        sk_how_ended *ended;
        void *self;
        uv_timer_t timer;
        missing *missing;
        bool is_closed;
        bool is_timer_closed;
};

static void missing_free(sk_hows *hows) {
        while (hows->missing != NULL) {
                missing *one = hows->missing;
                hows->missing = one->next;
                sk_free(one);
        }
}

static void on_timer(uv_timer_t *timer) {
        sk_hows *hows = timer->data;

        while (hows->missing != NULL && !hows->is_closed) {
                missing *one = hows->missing;
                sk_effect_report report = {.callid = one->callid,
                                           .visit = one->visit,
                                           .try_number = one->try_number,
                                           .result = SK_EFFECT_FAILED,
                                           .value = SK_NONE,
                                           .code = SK_SLICE("how-missing"),
                                           .text = SK_SLICE("this program has no such how")};
                hows->missing = one->next;
                sk_free(one);
                hows->ended(hows->self, &report);
        }
}

static void miss(sk_hows *hows, const sk_effect *effect) {
        missing *one = sk_alloc_zero(1, sizeof(*one));

        if (one == NULL)
                return; /* its deadline ends it */
        *one = (missing){hows->missing, effect->callid, effect->visit, effect->try_number};
        hows->missing = one;
        (void)uv_timer_start(&hows->timer, on_timer, 0, 0);
}

static void miss_no_more(sk_hows *hows, const sk_effect *effect) {
        missing **at = &hows->missing;

        while (*at != NULL && !sk_id_equal(&(*at)->callid, &effect->callid))
                at = &(*at)->next;
        if (*at != NULL) {
                missing *one = *at;
                *at = one->next;
                sk_free(one);
        }
}

static sk_err exec_make(sk_hows *hows, const sk_hows_config *config) {
        char scratch[PATH_MAX];

        (void)snprintf(scratch, sizeof(scratch), "%s/%s.scratch",
                       config->state_dir == NULL ? "/tmp" : config->state_dir, config->team);
        sk_exec_config exec = {.loop = config->loop,
                               .edition = config->edition,
                               .team = config->team,
                               .chain_dir = config->chain_dir,
                               .scratch = scratch,
                               .runner = config->runner,
                               .ended = config->ended,
                               .self = config->self};
        return sk_exec_new(&exec, &hows->ports[SK_HOW_EXEC]);
}

static sk_err http_make(sk_hows *hows, const sk_hows_config *config) {
        sk_http_how_config http = {.loop = config->loop,
                                   .team = config->team,
                                   .chain_dir = config->chain_dir,
                                   .ended = config->ended,
                                   .self = config->self};
        return sk_http_how_new(&http, &hows->ports[SK_HOW_HTTP]);
}

static void plugin_make(sk_hows *hows, const sk_hows_config *config) {
        char team_dir[PATH_MAX];
        int len = snprintf(team_dir, sizeof(team_dir), "%s/%s", config->chain_dir, config->team);
        sk_plugin_config plugin = {.loop = config->loop,
                                   .team_dir = team_dir,
                                   .folder = config->plugins,
                                   .host = config->plugin_host,
                                   .ended = config->ended,
                                   .self = config->self};

        if (config->plugins != NULL && config->plugin_host != NULL && len > 0 && (size_t)len < sizeof(team_dir))
                (void)sk_plugin_new(&plugin, &hows->ports[SK_HOW_PLUGIN]);
}

sk_err sk_hows_new(const sk_hows_config *config, sk_hows **out) {
        sk_hows *hows = sk_alloc_zero(1, sizeof(*hows));

        assert(config->ended != NULL && out != NULL);
        if (hows == NULL)
                return SK_ERR_NO_MEMORY;
        hows->ended = config->ended;
        hows->self = config->self;
        sk_err err = exec_make(hows, config);
        if (err != SK_OK) {
                sk_free(hows);
                return err;
        }
        (void)http_make(hows, config); /* without memory for it, it is missing */
        plugin_make(hows, config);
        (void)uv_timer_init(config->loop, &hows->timer);
        hows->timer.data = hows;
        *out = hows;
        return SK_OK;
}

void sk_hows_take(sk_hows *hows, const sk_effect *effect) {
        const sk_how_port *port = &hows->ports[effect->how];

        assert(sk_how_is_effect(effect->how) && !hows->is_closed);
        if (port->self == NULL && effect->is_stop)
                miss_no_more(hows, effect);
        else if (port->self == NULL)
                miss(hows, effect);
        else if (effect->is_stop)
                port->stop(port->self, effect);
        else
                port->begin(port->self, effect);
}

void sk_hows_edition(sk_hows *hows, sk_edition *edition) {
        for (unsigned i = 0; i < SK_HOWS; i++)
                if (hows->ports[i].self != NULL && hows->ports[i].edition != NULL)
                        hows->ports[i].edition(hows->ports[i].self, edition);
}

static void on_closed(uv_handle_t *handle) {
        sk_hows *hows = handle->data;

        hows->is_timer_closed = true;
}

void sk_hows_close(sk_hows *hows) {
        assert(!hows->is_closed);
        hows->is_closed = true;
        uv_close((uv_handle_t *)&hows->timer, on_closed);
        for (unsigned i = 0; i < SK_HOWS; i++)
                if (hows->ports[i].self != NULL)
                        hows->ports[i].close(hows->ports[i].self);
}

void sk_hows_free(sk_hows *hows) {
        if (hows == NULL)
                return;
        assert(hows->is_timer_closed);
        missing_free(hows);
        for (unsigned i = 0; i < SK_HOWS; i++)
                if (hows->ports[i].self != NULL)
                        hows->ports[i].free(hows->ports[i].self);
        sk_free(hows);
}
