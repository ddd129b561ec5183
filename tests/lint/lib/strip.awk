# Prints FILE:LINE:CODE for C files, without comments and without what stands in strings; #include lines stay whole.
# Line by line, so that findings point at the right place.

FNR == 1 { in_comment = 0 }

/^[ \t]*#[ \t]*include/ && !in_comment {
        print FILENAME ":" FNR ":" $0
        next
}

{
        rest = $0
        code = ""
        while (rest != "") {
                if (in_comment) {
                        at = index(rest, "*/")
                        if (at == 0)
                                break
                        rest = substr(rest, at + 2)
                        in_comment = 0
                } else if (match(rest, /"([^"\\]|\\.)*"|'([^'\\]|\\.)+'|\/\/|\/\*/) == 0) {
                        code = code rest
                        break
                } else {
                        token = substr(rest, RSTART, RLENGTH)
                        code = code substr(rest, 1, RSTART - 1)
                        rest = substr(rest, RSTART + RLENGTH)
                        if (token == "//")
                                break
                        if (token == "/*")
                                in_comment = 1
                        else
                                code = code substr(token, 1, 1) substr(token, 1, 1)
                }
        }
        print FILENAME ":" FNR ":" code
}
