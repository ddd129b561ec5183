/*
 * Routine files as sheets. A cell holds text as people read it; what has no cell of its own is kept as JSON, so that a
 * sheet says all that the file says.
 */
#include "cli/template/sheet.h"

#include <assert.h>

#include "cli/template/json_edit.h"
#include "kit/json_scan.h"

#define CELL_BYTES ((size_t)256 << 10)

const char *sk_sheet_column_title(sk_sheet_column column) {
        static const char *const titles[SK_SHEET_COLUMNS] = {"what",      "name",     "who", "accountable",
                                                             "consulted", "informed", "how", "instruction",
                                                             "settings",  "more"};
        assert(column < SK_SHEET_COLUMNS);
        return titles[column];
}

/* ---- rows ---- */

/* Rows of a process, and at its cut those of the process that it triggers. */
static void add_rows(sk_sheet *out, const sk_process *path, unsigned count, sk_language language, unsigned depth) {
        const sk_process_info *info = sk_process_get(path[0]);
        static const char *const cuts[SK_PROCESSES] = {"agree.cut", "change.cut", "recover.cut", "operate.cut",
                                                       "improve.cut"};

        for (unsigned i = 0; i < info->count; i++) {
                const sk_activity *activity = &info->activities[i];
                if (i == info->before_cut) {
                        assert(out->count < SK_SHEET_ROWS);
                        out->rows[out->count++] =
                                (sk_sheet_row){.cells = {sk_slice_of(cuts[path[0]]), SK_SLICE("")}, .depth = depth};
                        if (count > 1)
                                add_rows(out, path + 1, count - 1, language, depth + 1);
                }
                assert(out->count < SK_SHEET_ROWS);
                out->rows[out->count++] = (sk_sheet_row){
                        .cells = {sk_slice_of(activity->id), sk_slice_of(sk_activity_text(activity)->name[language])},
                        .depth = depth};
        }
}

static void add_scope(sk_sheet *out, const sk_sheet_scope *scope, sk_language language) {
        if (scope->process < SK_PROCESSES) {
                add_rows(out, &scope->process, 1, language, 0);
                return;
        }
        const sk_workflow *workflow = sk_workflow_get(scope->workflow);
        if (workflow != NULL)
                add_rows(out, workflow->path, sk_workflow_depth(workflow), language, 0);
}

sk_sheet_scope sk_sheet_scope_of(sk_slice file) {
        sk_sheet_scope scope = {.process = SK_PROCESSES};
        int64_t workflow;
        char text[16];
        sk_slice process = sk_json_member(file, "process");

        if (sk_slice_there(process) && process.len > 2 && process.len < sizeof text)
                scope.process = sk_process_find((sk_slice){process.at + 1, process.len - 2});
        else if (sk_json_member_int(file, "workflow", 1, 8, &workflow))
                scope.workflow = (unsigned)workflow;
        return scope;
}

/* ---- cells ---- */

/* What a cell takes is written here and then kept in the arena. */
typedef struct writing {
        sk_arena *arena;
        sk_buf text;
} writing;

static sk_slice keep(writing *self) {
        sk_slice kept = sk_arena_copy(self->arena, sk_buf_slice(&self->text));

        sk_buf_clear(&self->text);
        return kept;
}

/* A string's text, else JSON on one line. */
static sk_slice text_of(writing *self, sk_slice value) {
        if (!sk_slice_there(value))
                return SK_SLICE("");
        if (sk_json_kind_of(value) == SK_JSON_STRING)
                return sk_json_string(value, self->arena);
        sk_json_flat(value, &self->text);
        return keep(self);
}

/* One name, or names with commas between. */
static sk_slice names_of(writing *self, sk_slice value) {
        sk_json_walk walk = sk_json_walk_make(value);
        sk_slice item;
        sk_slice none;

        if (!sk_slice_there(value) || sk_json_kind_of(value) != SK_JSON_ARRAY)
                return text_of(self, value);
        while (sk_json_walk_next(&walk, &none, &item)) {
                if (self->text.len > 0)
                        sk_buf_add_text(&self->text, ", ");
                sk_buf_add_slice(&self->text, sk_json_string(item, self->arena));
        }
        return keep(self);
}

/* The members of an object that have no cell of their own, as an object; "" if there are none. */
static sk_slice rest_of(writing *self, sk_slice object, const char *const *known) {
        sk_json_walk walk = sk_json_walk_make(object);
        const char *before = "{";
        sk_slice name;
        sk_slice value;

        while (sk_json_walk_next(&walk, &name, &value)) {
                bool is_known = false;
                for (const char *const *one = known; *one != NULL && !is_known; one++)
                        is_known = sk_slice_is(name, *one);
                if (is_known)
                        continue;
                sk_buf_add_format(&self->text, "%s\"%.*s\": ", before, (int)name.len, name.at);
                sk_json_flat(value, &self->text);
                before = ", ";
        }
        if (self->text.len > 0)
                sk_buf_add_byte(&self->text, '}');
        return keep(self);
}

/* "auto"; {"manual": {...}}; anything else is settings whole, of a "list". */
static void read_how(writing *self, sk_slice how, sk_slice cells[SK_SHEET_COLUMNS]) {
        static const char *const known[] = {"instruction", NULL};
        sk_json_walk walk = sk_json_walk_make(how);
        sk_slice name = SK_NONE;
        sk_slice value = SK_NONE;
        sk_slice second;

        if (!sk_slice_there(how))
                return;
        bool has_one = sk_json_kind_of(how) == SK_JSON_OBJECT && sk_json_walk_next(&walk, &name, &value) &&
                       !sk_json_walk_next(&walk, &second, &second);
        if (sk_json_kind_of(how) == SK_JSON_STRING) {
                cells[SK_SHEET_HOW] = sk_json_string(how, self->arena);
        } else if (has_one && sk_json_kind_of(value) == SK_JSON_OBJECT) {
                sk_slice instruction = sk_json_member(value, "instruction");
                cells[SK_SHEET_HOW] = name;
                cells[SK_SHEET_INSTRUCTION] = text_of(self, instruction);
                cells[SK_SHEET_SETTINGS] = rest_of(self, value, known);
        } else {
                cells[SK_SHEET_HOW] = has_one ? name : SK_SLICE("list");
                cells[SK_SHEET_SETTINGS] = text_of(self, has_one ? value : how);
        }
}

/* As it comes back from CSV: with line feeds only, and then without blanks around it. */
static sk_slice as_read(writing *self, sk_slice cell) {
        return sk_slice_trimmed(sk_csv_lines(cell, self->arena));
}

static void read_row(writing *self, sk_slice said, sk_sheet_row *row) {
        static const char *const known[] = {"responsible", "accountable", "consulted", "informed", "how", NULL};

        for (unsigned column = SK_SHEET_WHO; column < SK_SHEET_COLUMNS; column++)
                row->cells[column] = SK_SLICE("");
        if (!sk_slice_there(said))
                return;
        row->cells[SK_SHEET_WHO] = text_of(self, sk_json_member(said, "responsible"));
        row->cells[SK_SHEET_ACCOUNTABLE] = text_of(self, sk_json_member(said, "accountable"));
        row->cells[SK_SHEET_CONSULTED] = names_of(self, sk_json_member(said, "consulted"));
        row->cells[SK_SHEET_INFORMED] = names_of(self, sk_json_member(said, "informed"));
        read_how(self, sk_json_member(said, "how"), row->cells);
        row->cells[SK_SHEET_MORE] = rest_of(self, said, known);
        for (unsigned column = SK_SHEET_WHO; column < SK_SHEET_COLUMNS; column++)
                row->cells[column] = as_read(self, row->cells[column]);
}

static sk_err read_heads(writing *self, sk_slice file, sk_sheet *out) {
        sk_json_walk walk = sk_json_walk_make(file);
        sk_slice name;
        sk_slice value;

        while (sk_json_walk_next(&walk, &name, &value)) {
                if (sk_slice_is(name, "activities"))
                        continue;
                if (out->head_count == SK_SHEET_HEADS)
                        return SK_ERR_FULL;
                out->heads[out->head_count++] =
                        (sk_sheet_head){.name = name, .text = as_read(self, text_of(self, value))};
        }
        return SK_OK;
}

sk_err sk_sheet_of_file(sk_slice file, const sk_sheet_scope *scope, sk_language language, sk_arena *arena,
                        sk_sheet *out) {
        writing self = {.arena = arena, .text = sk_buf_make(CELL_BYTES)};
        sk_slice activities = sk_json_member(file, "activities");

        assert(arena != NULL && language < SK_LANGUAGES);
        *out = (sk_sheet){.routine = SK_SLICE("")};
        add_scope(out, scope, language);
        sk_err err = read_heads(&self, file, out);
        for (unsigned i = 0; i < out->count && err == SK_OK; i++)
                read_row(&self, sk_json_member(activities, out->rows[i].cells[SK_SHEET_WHAT].at), &out->rows[i]);
        if (err == SK_OK)
                err = self.text.err != SK_OK ? self.text.err : sk_arena_err(arena);
        sk_buf_free(&self.text);
        return err;
}

/* ---- CSV ---- */

void sk_sheet_csv(const sk_sheet *sheet, sk_buf *out) {
        sk_csv_put(out, SK_SLICE("routine"), ',');
        sk_csv_put(out, sheet->routine, '\n');
        for (unsigned i = 0; i < sheet->head_count; i++) {
                sk_csv_put(out, sheet->heads[i].name, ',');
                sk_csv_put(out, sheet->heads[i].text, '\n');
        }
        sk_buf_add_text(out, "\r\n");
        for (unsigned column = 0; column < SK_SHEET_COLUMNS; column++)
                sk_csv_put(out, sk_slice_of(sk_sheet_column_title((sk_sheet_column)column)),
                           column + 1 == SK_SHEET_COLUMNS ? '\n' : ',');
        for (unsigned i = 0; i < sheet->count; i++) {
                for (unsigned column = 0; column < SK_SHEET_COLUMNS; column++)
                        sk_csv_put(out, sheet->rows[i].cells[column], column + 1 == SK_SHEET_COLUMNS ? '\n' : ',');
        }
}
