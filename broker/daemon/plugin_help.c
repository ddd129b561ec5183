#include "daemon/plugin_help.h"

#include <limits.h>
#include <stdio.h>

#include "how/plugin_load.h"

bool sk_plugin_help(const char *folder, const char *name) {
        char path[PATH_MAX];
        char why[SK_PLUGIN_WHY_MAX];
        sk_plugin_loaded loaded;
        sk_buf page = sk_buf_make(1 << 20);
        int len = snprintf(path, sizeof(path), "%s/%s.so", folder, name);

        if (len < 0 || (size_t)len >= sizeof(path)) {
                (void)fputs("schakeld: the path of the plug-in is too long\n", stderr);
                return false;
        }
        if (sk_plugin_load(path, name, &loaded, why) != SK_OK) {
                (void)fprintf(stderr, "schakeld: %s: %s\n", path, why);
                return false;
        }
        sk_plugin_page(&loaded, &page);
        bool is_whole = page.err == SK_OK && fwrite(page.at, 1, page.len, stdout) == page.len;
        sk_buf_free(&page);
        return is_whole;
}
