#include "cli/session/connect.h"

#include <assert.h>
#include <stdlib.h>

#include "log/properties.h"

/* A local log has no connection: what is said about one is not looked at. */
static bool is_local(const char *url) {
        return strncmp(url, "local:", strlen("local:")) == 0;
}

sk_err sk_connect_open(const sk_connect *connect, char why[SK_LOG_WHY_MAX], sk_log_tool **out) {
        static_assert(SK_LOG_WHY_MAX == SK_PROPERTIES_WHY_MAX, "sentences have one length");
        assert(connect != NULL && connect->url != NULL && out != NULL);
        sk_log_tool_config config = {.url = connect->url, .purpose = connect->purpose};
        if (connect->edition != NULL)
                config.chain = sk_edition_chain(connect->edition);
        sk_properties_config wanted = {.edition = connect->edition,
                                       .file = getenv(SK_PROPERTIES_ENVIRONMENT),
                                       .team = connect->team,
                                       .is_person = true};
        sk_properties *properties = NULL;

        if (is_local(connect->url))
                return sk_log_tool_open_with(&config, why, out);
        sk_err err = sk_properties_new(&wanted, why, &properties);
        if (err != SK_OK)
                return err;
        config.properties = sk_properties_list(properties, &config.property_count);
        err = sk_log_tool_open_with(&config, why, out);
        sk_properties_free(properties);
        return err;
}
