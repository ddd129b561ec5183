# Reads what strip.awk prints; judges each #include by the layer that it stands in.

BEGIN {
        may["kit"] = "kit"
        may["usm"] = may["kit"] " usm"
        may["event"] = may["kit"] " event"
        may["link"] = may["kit"] " usm event link"
        may["log"] = may["link"] " log"
        may["how"] = may["link"] " how"
        may["daemon"] = may["link"] " log how daemon"
        may["desk"] = may["link"] " log how desk"
        may["cli"] = may["link"] " log how cli"
        may["include"] = ""
        may["plugins"] = ""

        # Folders of the command line: each includes itself and those before it; main.c is the list of all commands.
        split("print session template report chain records story task call map replay demo", name, " ")
        for (i in name)
                rank[name[i]] = i + 0

        # A foreign header and the files that may include it; cli/version.c says which versions were built in.
        home["uv.h"] = "^broker/(log|how|daemon|desk|cli)/"
        home["sqlite3.h"] = "^broker/(log/local|desk/|cli/version)"
        home["librdkafka/rdkafka.h"] = "^broker/(log/kafka|cli/version)"
        home["librdkafka/rdkafka_mock.h"] = "^broker/(log/kafka|cli/version)"
        home["curl/curl.h"] = "^broker/(how/http|plugins/)"
        home["microhttpd.h"] = "^broker/(daemon|desk)/|^broker/cli/(version|demo/tool_serve)"
        home["jansson.h"] = "^broker/(kit/json_load|usm/|how/|daemon/|desk/|cli/|plugins/)"
        home["sodium.h"] = "^broker/(kit/|event/sign|link/|how/|daemon/|desk/|cli/)"
        home["pcre2.h"] = "^broker/(kit/schema_pattern|cli/version)"
        home["zlib.h"] = "^broker/cli/"

        # Of the system, the pure layers take what computes and nothing that acts.
        pure = "^broker/(kit|usm|event|link)/"
        acts = "^(time|sys/time|fcntl|dirent|netdb|poll|signal|spawn|syslog|termios|unistd|sys/[a-z]+|netinet/.*|arpa/.*)\\.h$"
        waker = "^broker/kit/spsc\\.c "
        waker_needs = " unistd.h sys/eventfd.h "
}

function wrong(why) {
        printf "%s:%s: %s\n", path, line, why
        found++
}

function own(header, folder) {
        folder = header
        sub(/\/.*/, "", folder)
        if (header !~ /\// || header ~ /\.\./)
                wrong("\"" header "\" must be included as \"layer/name.h\"")
        else if (folder != "schakel" && index(" " may[layer] " ", " " folder " ") == 0)
                wrong(layer " may not include \"" header "\": it may include " (may[layer] == "" ? "only schakel/" : may[layer]))
}

# The folder of a file or header of the command line; "" for what stands in cli/ itself.
function cli_folder(of) {
        return of ~ /^cli\/[^\/]*\// ? substr(of, 5, index(substr(of, 5), "/") - 1) : ""
}

function cli(header, from, to, most) {
        from = cli_folder(substr(path, 8))
        to = cli_folder(header)
        if (from != "" && !(from in rank))
                wrong("cli/" from " is no folder of the command line that layers.awk knows")
        most = from == "" ? rank["print"] : rank[from]
        if (to != "" && path != "broker/cli/main.c" && rank[to] > most)
                wrong("cli/" from (from == "" ? "" : "/") "* may not include \"" header "\": cli/" to " stands above it")
}

function foreign(header) {
        if (header in home && path !~ home[header])
                wrong("<" header "> is for " home[header] " only")
        else if (path ~ pure && header ~ acts && !((path " ") ~ waker && index(waker_needs, " " header " ")))
                wrong("<" header "> is not for a layer without clock, files and sockets")
}

/:[ \t]*#[ \t]*include/ {
        split($0, part, ":")
        path = part[1]
        line = part[2]
        layer = path
        sub(/^broker\//, "", layer)
        sub(/\/.*/, "", layer)
        if (!(layer in may))
                wrong(layer " is no layer")
        else if (match($0, /"[^"]*"/)) {
                header = substr($0, RSTART + 1, RLENGTH - 2)
                own(header)
                if (layer == "cli" && header ~ /^cli\//)
                        cli(header)
        }
        else if (match($0, /<[^>]*>/))
                foreign(substr($0, RSTART + 1, RLENGTH - 2))
}

END { exit found > 0 }
