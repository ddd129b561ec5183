# Reads what strip.awk prints; says where a function is called that the table forbids.
#   -v table=FILE   lines "where: name name ... ; what to do instead", where is a pattern for the file's path
#   -v except=FILE  lines "path-pattern: name name ..." that are allowed all the same
# A member (x.read(...), port->close(...)) is no such call, and neither is a longer name (sk_open).

function load(file, patterns, words, hints, n, line, colon, semicolon) {
        n = 0
        while ((getline line < file) > 0) {
                if (line ~ /^#/ || line ~ /^[ \t]*$/)
                        continue
                colon = index(line, ":")
                patterns[++n] = "^(" substr(line, 1, colon - 1) ")$"
                line = substr(line, colon + 1)
                semicolon = index(line, ";")
                hints[n] = semicolon ? substr(line, semicolon + 2) : ""
                words[n] = " " (semicolon ? substr(line, 1, semicolon - 1) : line) " "
        }
        close(file)
        return n
}

function is_allowed(path, name, i) {
        for (i = 1; i <= exceptions; i++)
                if (path ~ except_path[i] && index(except_words[i], " " name " "))
                        return 1
        return 0
}

function judge(path, line, name, i) {
        for (i = 1; i <= rules; i++)
                if (index(rule_words[i], " " name " ") && path ~ rule_path[i] && !is_allowed(path, name)) {
                        printf "%s:%s: %s is not for here: %s\n", path, line, name, rule_hint[i]
                        found++
                        return
                }
}

BEGIN {
        rules = load(table, rule_path, rule_words, rule_hint)
        if (except != "")
                exceptions = load(except, except_path, except_words, except_hint)
}

# A function of the file's own may bear such a name: it hides the other.
/^[^:]*:[^:]*:static / && match($0, /[A-Za-z0-9_]+\(/) {
        split($0, part, ":")
        own[part[1], substr($0, RSTART, RLENGTH - 1)] = 1
}

{
        split($0, part, ":")
        path = part[1]
        line = part[2]
        rest = substr($0, length(path) + length(line) + 3)
        before = ""
        while (match(rest, /[A-Za-z_][A-Za-z0-9_]*/)) {
                name = substr(rest, RSTART, RLENGTH)
                before = before substr(rest, 1, RSTART - 1)
                rest = substr(rest, RSTART + RLENGTH)
                if (before !~ /(\.|->)[ \t]*$/ && !((path, name) in own) && (rest ~ /^[ \t]*\(/ || name ~ /^std(in|out|err)$/))
                        judge(path, line, name)
                before = name
        }
}

END { exit found > 0 }
