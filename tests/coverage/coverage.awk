# Adds up what `gcov -b -c -t` says of the files below broker/, its output on standard input.
# Without `file`: a line for each folder, then the `least` files with the most uncovered lines.
# With `file`: the lines of that file that never ran, and the branches that were never taken.
# What only an assertion would do is not counted: it shall never happen.

function flush_line() { # what is known of a source line, over all files that include it
        if (source_line == "")
                return
        lines[path]++
        if (!ran)
                missed[path]++
        branches[path] += line_branches
        untaken[path] += line_untaken
        if (path == file && (!ran || line_untaken > 0))
                printf "%s %s:%s\n", ran ? sprintf("%d/%d", line_untaken, line_branches) : "never", source_line, text
        source_line = ""
}

function percent(missing, all) {
        return all == 0 ? "-" : sprintf("%.1f", 100 * (all - missing) / all)
}

/^ *-: *0:Source:/ {
        flush_line()
        sub(/^ *-: *0:Source:/, "")
        path = $0
        is_ours = path ~ /^broker\/.*\.c$/
        next
}

is_ours && /^ *([0-9]+\*?|#####|=====): *[0-9]+:/ {
        flush_line()
        match($0, /: *[0-9]+:/)
        source_line = substr($0, RSTART + 1, RLENGTH - 2) + 0
        text = substr($0, RSTART + RLENGTH)
        ran = $0 !~ /^ *(#####|=====):/
        line_branches = line_untaken = 0
        is_assertion = text ~ /(^|[^A-Za-z_])(assert|static_assert)\(/
        next
}

is_ours && source_line != "" && /^branch / && !is_assertion {
        line_branches++
        if ($0 ~ /never executed|taken 0/)
                line_untaken++
        next
}

END {
        flush_line()
        if (file != "")
                exit
        for (path in lines) {
                split(path, parts, "/")
                folder = parts[1] "/" parts[2]
                folder_lines[folder] += lines[path]
                folder_missed[folder] += missed[path]
                folder_branches[folder] += branches[path]
                folder_untaken[folder] += untaken[path]
        }
        printf "%-20s %8s %7s %9s %7s\n", "folder", "lines", "%", "branches", "%"
        fflush()
        order = "sort"
        for (folder in folder_lines)
                printf "%-20s %8d %7s %9d %7s\n", folder, folder_lines[folder], \
                        percent(folder_missed[folder], folder_lines[folder]), \
                        folder_branches[folder], percent(folder_untaken[folder], folder_branches[folder]) | order
        close(order)
        printf "\n%-48s %12s %7s %15s %7s\n", "least covered", "lines missed", "%", "branches missed", "%"
        fflush()
        order = "sort -k2,2nr | head -n " least
        for (path in lines)
                printf "%-48s %12d %7s %15d %7s\n", path, missed[path], percent(missed[path], lines[path]), \
                        untaken[path], percent(untaken[path], branches[path]) | order
        close(order)
}
