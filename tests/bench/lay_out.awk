# Lays out what benchmark programs print (bench.h): a line for each figure, with its bar and whether that is met.
# -v counted=FILE: lines NAME INSTRUCTIONS, and a head for them.

function verdict(is_met, by) {
	return is_met ? "met" : sprintf("missed by %.0f %%", by)
}
BEGIN {
	while (counted != "" && (getline line <counted) > 0) {
		split(line, part, " ")
		instructions[part[1]] = part[2]
	}
	if (counted != "")
		printf "%-34s %12s %10s %16s %14s  %s\n", "", "per second", "CPU us", "from to", "instructions", "bar"
}
$1 == "time" {
	name = $2
	sub(/-[0-9]+[kM]$/, "", name)
	bar = $5 > 0 ? $5 " per second: " verdict($3 >= $5, 100 - 100 * $3 / $5) : ""
	printf "%-34s %12s %10.2f %16s %14s  %s\n", $2, $3, $4, $7 " " $8, name in instructions ? instructions[name] : "-", bar
	fflush()
}
$1 == "value" {
	split($5, part, " ")
	bar = $5
	if (part[2] == "at" && part[3] == "least")
		bar = bar ": " verdict($3 >= part[1], 100 - 100 * $3 / part[1])
	else if (part[2] == "at")
		bar = bar ": " verdict($3 <= part[1], 100 * $3 / part[1] - 100)
	printf "%-34s %12s %-42s  %s\n", $2, $3, $4, bar
	fflush()
}
$1 == "note" {
	print "  " $2
	fflush()
}
$1 == "failed" {
	print $2 " has failed"
	status = 1
}
END { exit status }