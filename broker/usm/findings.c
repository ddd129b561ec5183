/*
 * What a check has to say, kept in order. Bounded: after SK_FINDINGS_MAX findings one last one says that there are more,
 * so that a broken directory of any size gives a list that a person can read.
 */
#include "usm/findings.h"

#include <assert.h>
#include <stdlib.h>

#include "kit/alloc.h"
#include "kit/arena.h"

#define TEXTS_MAX_BYTES ((size_t)8 * 1024 * 1024)
#define FIRST_ROOM 16

struct sk_findings {
        sk_arena *arena;
        sk_finding *at;
        size_t count;
        size_t room;
        size_t count_of[SK_ERROR + 1];
};

sk_findings *sk_findings_new(void) {
        sk_findings *findings = sk_alloc_zero(1, sizeof *findings);
        if (findings == NULL)
                return NULL;
        findings->arena = sk_arena_new(TEXTS_MAX_BYTES);
        if (findings->arena == NULL) {
                sk_free(findings);
                return NULL;
        }
        assert(!sk_findings_is_full(findings));
        return findings;
}

void sk_findings_free(sk_findings *findings) {
        if (findings == NULL)
                return;
        sk_arena_free(findings->arena);
        sk_free(findings->at);
        sk_free(findings);
}

size_t sk_findings_count(const sk_findings *findings) {
        assert(findings != NULL);
        return findings->count;
}

const sk_finding *sk_findings_at(const sk_findings *findings, size_t index) {
        assert(findings != NULL);
        assert(index < findings->count);
        return &findings->at[index];
}

size_t sk_findings_count_of(const sk_findings *findings, sk_severity severity) {
        assert(findings != NULL);
        assert(severity <= SK_ERROR);
        return findings->count_of[severity];
}

bool sk_findings_is_full(const sk_findings *findings) {
        assert(findings != NULL);
        return findings->count > SK_FINDINGS_MAX;
}

static bool make_room(sk_findings *findings) {
        assert(findings->count <= findings->room);
        if (findings->count < findings->room)
                return true;
        size_t room = findings->room == 0 ? FIRST_ROOM : findings->room * 2;
        sk_finding *at = sk_realloc(findings->at, room * sizeof *at);
        if (at == NULL)
                return false;
        findings->at = at;
        findings->room = room;
        return true;
}

static bool copy_text(sk_findings *findings, const char **text) {
        assert(text != NULL);
        sk_slice copy = sk_arena_copy(findings->arena, sk_slice_of(*text == NULL ? "" : *text));
        *text = copy.at;
        return copy.at != NULL;
}

sk_err sk_findings_add(sk_findings *findings, const sk_finding *finding) {
        assert(finding->severity <= SK_ERROR);
        static const sk_finding too_many = {
                .severity = SK_ERROR,
                .code = "too-many-findings",
                .path = "",
                .pointer = "",
                .text = "there are more findings than are listed",
                .remedy = "put the listed ones right and check again",
        };
        assert(findings != NULL);
        assert(finding != NULL);
        assert(finding->code != NULL);
        if (sk_findings_is_full(findings))
                return SK_OK;
        sk_finding copy = findings->count == SK_FINDINGS_MAX ? too_many : *finding;
        if (!make_room(findings) || !copy_text(findings, &copy.path) || !copy_text(findings, &copy.pointer) ||
            !copy_text(findings, &copy.text) || !copy_text(findings, &copy.remedy))
                return SK_ERR_NO_MEMORY;
        findings->at[findings->count++] = copy;
        findings->count_of[copy.severity]++;
        assert(findings->count <= SK_FINDINGS_MAX + 1);
        return SK_OK;
}

static int compare_numbers(uint32_t a, uint32_t b) {
        return (a > b) - (a < b);
}

static int compare(const void *left, const void *right) {
        const sk_finding *a = left;
        const sk_finding *b = right;
        assert(a->path != NULL);
        assert(b->path != NULL);
        int order = strcmp(a->path, b->path);
        if (order == 0)
                order = compare_numbers(a->line, b->line);
        if (order == 0)
                order = compare_numbers(a->column, b->column);
        if (order == 0)
                order = strcmp(a->pointer, b->pointer);
        if (order == 0)
                order = strcmp(a->code, b->code);
        return order != 0 ? order : strcmp(a->text, b->text);
}

/** The same place and words by two ways (two calls that come round at one delegation) is one finding. */
static void drop_doubles(sk_findings *findings) {
        assert(findings->count > 0);
        size_t kept = 1;
        for (size_t i = 1; i < findings->count; i++) {
                if (compare(&findings->at[i], &findings->at[kept - 1]) == 0)
                        findings->count_of[findings->at[i].severity]--;
                else
                        findings->at[kept++] = findings->at[i];
        }
        findings->count = kept;
        assert(kept <= findings->room);
}

void sk_findings_sort(sk_findings *findings) {
        assert(findings != NULL);
        if (findings->count < 2)
                return;
        qsort(findings->at, findings->count, sizeof *findings->at, compare);
        drop_doubles(findings);
}
