#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "cli/map/chain_map.h"
#include "support/golden.h"
#include "support/xml_check.h"

#define DRAWING_BYTES ((size_t)16 << 20)
#define FILES_MAX 600

/** A chain made of agreements "a-b": a calls b. */
typedef struct fixture {
        sk_chain_file files[FILES_MAX];
        size_t count;
        sk_arena *arena;
        sk_edition *edition;
        sk_chain_map *map;
} fixture;

static void add(fixture *f, const char *path, const char *text) {
        sk_slice kept = sk_arena_copy(f->arena, sk_slice_of(path));
        assert_in_range(f->count, 0, FILES_MAX - 1);
        f->files[f->count++] = (sk_chain_file){kept.at, sk_arena_copy(f->arena, sk_slice_of(text))};
}

static void add_team(fixture *f, const char *name, const char *title) {
        char path[128];
        char text[512];
        snprintf(path, sizeof(path), "%.40s/team.json", name);
        snprintf(text, sizeof(text),
                 "{\"title\":\"%.80s\",\"organised_by\":\"process\",\"coordinated_by\":\"line\",\"people\":{\"eva\":"
                 "{\"profiles\":[\"line-manager\",\"process-manager\",\"operator\"]}}}",
                 title);
        add(f, path, text);
}

static void add_agreement(fixture *f, const char *customer, const char *provider) {
        char path[128];
        char text[512];
        snprintf(path, sizeof(path), "agreements/%.40s-%.40s.json", customer, provider);
        snprintf(text, sizeof(text),
                 "{\"customer\":\"%.40s\",\"provider\":\"%.40s\",\"facilities\":{\"thing\":{\"goods\":[\"it\"],"
                 "\"calls\":"
                 "[\"incident\",\"service-request\",\"request-for-change\"]}}}",
                 customer, provider);
        add(f, path, text);
}

static void begin(fixture *f) {
        *f = (fixture){.arena = sk_arena_new((size_t)64 << 20)};
        assert_non_null(f->arena);
        add(f, "chain.json", "{\"name\":\"test\"}");
}

static void build(fixture *f) {
        sk_findings *findings = sk_findings_new();
        sk_err err = sk_edition_build(f->files, f->count, NULL, findings, &f->edition);
        for (size_t i = 0; err != SK_OK && i < sk_findings_count(findings); i++)
                print_message("%s: %s\n", sk_findings_at(findings, i)->path, sk_findings_at(findings, i)->text);
        assert_int_equal(err, SK_OK);
        sk_findings_free(findings);
        f->map = sk_chain_map_new(f->edition, f->arena);
        assert_non_null(f->map);
}

static void end(fixture *f) {
        sk_edition_release(f->edition);
        sk_arena_free(f->arena);
}

static const sk_map_team *team_of(const fixture *f, const char *name) {
        size_t index = sk_chain_map_team(f->map, sk_slice_of(name));
        assert_in_range(index, 0, f->map->team_count - 1);
        return &f->map->teams[index];
}

static void make_line(fixture *f) {
        begin(f);
        add_team(f, "shop", "Shop & <b>Co</b> \\\"Ltd\\\"");
        add_team(f, "desk", "Desk");
        add_team(f, "works", "Works of a very long name indeed");
        add_agreement(f, "shop", "desk");
        add_agreement(f, "desk", "works");
        add_agreement(f, "shop", "works");
        add(f, "desk/routines/recover.json",
            "{\"process\":\"recover\",\"activities\":{\"recover.cut\":{\"link\":{\"change\":{\"team\":\"works\"}}}}}");
        add(f, "desk/routines/operate.json",
            "{\"process\":\"operate\",\"activities\":{\"operate.perform\":{\"how\":{\"delegate\":{\"to\":[{\"team\":"
            "\"works\",\"type\":\"service-request\",\"facility\":\"thing\"}]}}}}}");
        build(f);
}

static void test_customers_stand_left_of_those_who_serve_them(void **state) {
        fixture f;
        (void)state;
        make_line(&f);
        assert_int_equal(team_of(&f, "shop")->layer, 0);
        assert_int_equal(team_of(&f, "desk")->layer, 1);
        assert_int_equal(team_of(&f, "works")->layer, 2);
        const sk_map_link *link = sk_chain_map_link(f.map, SK_SLICE("shop"), SK_SLICE("works"));
        assert_non_null(link);
        assert_int_equal(link->via_count, 1);
        int above = team_of(&f, "desk")->y;
        assert_true(link->via[0] < above || link->via[0] > above + SK_MAP_BOX_HEIGHT);
        end(&f);
}

static void test_what_routines_pass_on_is_on_the_link(void **state) {
        fixture f;
        (void)state;
        make_line(&f);
        const sk_map_link *link = sk_chain_map_link(f.map, SK_SLICE("desk"), SK_SLICE("works"));
        assert_non_null(link);
        assert_int_equal(link->delegation_count, 2);
        sk_buf text = sk_buf_make(100);
        sk_map_delegation_write(&link->delegations[0], &text);
        sk_buf_add_byte(&text, ' ');
        sk_map_delegation_write(&link->delegations[1], &text);
        assert_true(sk_slice_is(sk_buf_slice(&text), "operate.perform recover › change"));
        assert_int_equal(link->delegations[1].type, SK_REQUEST_FOR_CHANGE);
        assert_int_equal(sk_chain_map_link(f.map, SK_SLICE("shop"), SK_SLICE("desk"))->delegation_count, 0);
        sk_buf_free(&text);
        end(&f);
}

static void test_the_chain_is_drawn_as_it_was_looked_at(void **state) {
        fixture f;
        sk_buf out = sk_buf_make(DRAWING_BYTES);
        sk_json_writer json = sk_json_writer_make(&out);
        (void)state;
        make_line(&f);
        f.map->has_counts = true;
        f.map->teams[0].open = 7;
        sk_chain_map_svg(f.map, &out);
        assert_null(xml_check(sk_buf_slice(&out)));
        golden_compare("chain.svg", sk_buf_slice(&out));
        sk_buf_clear(&out);
        sk_chain_map_dot(f.map, &out);
        golden_compare("chain.dot", sk_buf_slice(&out));
        sk_buf_clear(&out);
        sk_chain_map_json(f.map, &json);
        golden_compare("chain.json", sk_buf_slice(&out));
        sk_buf_free(&out);
        end(&f);
}

static void test_a_circle_of_suppliers_is_drawn_all_the_same(void **state) {
        static const char *const names[] = {"a", "b", "c"};
        fixture f;
        sk_buf out = sk_buf_make(DRAWING_BYTES);
        size_t backwards = 0;
        (void)state;
        begin(&f);
        for (size_t i = 0; i < 3; i++) {
                add_team(&f, names[i], names[i]);
                for (size_t n = 0; n < 3; n++) {
                        if (n != i)
                                add_agreement(&f, names[i], names[n]);
                }
        }
        build(&f);
        for (size_t i = 0; i < f.map->link_count; i++)
                backwards += f.map->links[i].is_backwards;
        assert_int_equal(backwards, 3);
        sk_chain_map_svg(f.map, &out);
        assert_null(xml_check(sk_buf_slice(&out)));
        sk_buf_free(&out);
        end(&f);
}

static void test_no_two_boxes_overlap_in_a_large_network(void **state) {
        fixture f;
        uint32_t random = 7;
        char names[60][16];
        (void)state;
        begin(&f);
        for (size_t i = 0; i < 60; i++) {
                snprintf(names[i], sizeof(names[i]), "t%zu", i);
                add_team(&f, names[i], "Team");
        }
        for (size_t i = 0; i < 60; i++) {
                for (size_t n = 0; n < 60; n++) {
                        random = random * 1664525u + 1013904223u;
                        if (n != i && random >> 24 < 16)
                                add_agreement(&f, names[i], names[n]);
                }
        }
        build(&f);
        for (size_t i = 0; i < 60; i++) {
                const sk_map_team *a = &f.map->teams[i];
                assert_in_range(a->x, 0, f.map->width - SK_MAP_BOX_WIDTH);
                assert_in_range(a->y, 0, f.map->height - SK_MAP_BOX_HEIGHT);
                for (size_t n = 0; n < i; n++) {
                        const sk_map_team *b = &f.map->teams[n];
                        assert_true(a->x != b->x || a->y >= b->y + SK_MAP_BOX_HEIGHT ||
                                    b->y >= a->y + SK_MAP_BOX_HEIGHT);
                }
        }
        end(&f);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_customers_stand_left_of_those_who_serve_them),
                cmocka_unit_test(test_what_routines_pass_on_is_on_the_link),
                cmocka_unit_test(test_the_chain_is_drawn_as_it_was_looked_at),
                cmocka_unit_test(test_a_circle_of_suppliers_is_drawn_all_the_same),
                cmocka_unit_test(test_no_two_boxes_overlap_in_a_large_network),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
