# Makes a C file of the schemas of messages, so that the library carries them: contract_texts.awk FILE...
function quoted(line) {
        gsub(/[\\"]/, "\\\\&", line)
        return "        \"" line "\\n\"\n"
}
BEGIN {
        print "/* Made of schemas/messages by contract_texts.awk. */"
        print "#include \"event/contract_inside.h\"\n"
}
FNR == 1 {
        if (count++ > 0)
                printf "        ;\n"
        printf "static const char text_%d[] =\n", count
}
/"\$id": "/ && !(count in ids) {
        split($0, part, "\"")
        ids[count] = part[4]
}
{ printf "%s", quoted($0) }
END {
        printf "        ;\n\nconst sk_schema_text sk_contract_texts[] = {\n"
        for (i = 1; i <= count; i++)
                printf "        {{\"%s\", %d}, {text_%d, sizeof(text_%d) - 1}},\n", ids[i], length(ids[i]), i, i
        printf "};\nconst size_t sk_contract_text_count = %d;\n", count
}
