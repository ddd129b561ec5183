/*
 * What was changed in a sheet goes back into its file: one member after the other, where it stands.
 */
#include <assert.h>

#include "cli/template/json_edit.h"
#include "cli/template/sheet.h"
#include "kit/json_scan.h"
#include "kit/json_write.h"

#define FILE_BYTES ((size_t)1 << 20) /* of a file of a chain directory */
#define VALUE_BYTES ((size_t)256 << 10)

/* A merge at work. */
typedef struct merging {
        sk_arena *arena;
        sk_buf text;  /* the file as it is now */
        sk_buf spare; /* what it will be */
        sk_sheet_problem *problem;
        const sk_sheet_row *row; /* of the edited sheet, at which it is */
} merging;

static sk_err say(merging *self, sk_slice column, const char *why, const char *remedy) {
        *self->problem = (sk_sheet_problem){
                .line = self->row == NULL ? 0 : self->row->line, .column = column, .why = why, .remedy = remedy};
        return SK_ERR_SYNTAX;
}

static sk_err apply(merging *self, const sk_json_edit *edit) {
        sk_buf before = self->text;

        sk_buf_clear(&self->spare);
        sk_err err = sk_json_edit_apply(sk_buf_slice(&before), edit, &self->spare);
        if (err != SK_OK)
                return err;
        self->text = self->spare;
        self->spare = before;
        return SK_OK;
}

static sk_slice title_of(sk_sheet_column column) {
        return sk_slice_of(sk_sheet_column_title(column));
}

/* JSON in a cell; `{...}` where it must be an object. */
static sk_err check_json(merging *self, sk_sheet_column column, sk_slice cell, bool is_object) {
        if (sk_json_check(cell, SK_JSON_EDIT_DEPTH / 2, NULL) != SK_OK)
                return say(self, title_of(column), "this is not JSON",
                           "take it over from schakel template export, or leave the cell empty");
        if (is_object && sk_json_kind_of(cell) != SK_JSON_OBJECT)
                return say(self, title_of(column), "this is JSON, but no object", "write it in braces, by name");
        return SK_OK;
}

/* Text as JSON, kept in the arena. */
static sk_slice quoted(merging *self, sk_slice text) {
        sk_buf buf = sk_buf_make(VALUE_BYTES);
        sk_json_writer json = sk_json_writer_make(&buf);
        sk_json_put_text(&json, NULL, text);
        sk_slice kept = sk_arena_copy(self->arena, sk_buf_slice(&buf));
        sk_buf_free(&buf);
        return kept;
}

/* ---- heads ---- */

static const sk_sheet_head *head_of(const sk_sheet *sheet, sk_slice name) {
        for (unsigned i = 0; i < sheet->head_count; i++) {
                if (sk_slice_equal(sheet->heads[i].name, name))
                        return &sheet->heads[i];
        }
        return NULL;
}

static bool is_date(sk_slice text) {
        static const char shape[] = "dddd-dd-dd";
        bool is_like = text.len == sizeof shape - 1;

        for (size_t i = 0; i < text.len && is_like; i++)
                is_like = shape[i] == 'd' ? text.at[i] >= '0' && text.at[i] <= '9' : text.at[i] == '-';
        return is_like;
}

static sk_err merge_head(merging *self, const sk_sheet_head *head, const char *after) {
        bool is_json = head->text.len > 0 && (head->text.at[0] == '{' || sk_slice_is(head->name, "workflow"));
        sk_json_edit edit = {.name = sk_arena_copy(self->arena, head->name).at, .after = after};
        sk_sheet_row place = {.line = head->line};
        self->row = &place;
        sk_err err = SK_OK;

        if (sk_slice_is(head->name, "date") && head->text.len > 0 && !is_date(head->text))
                err = say(self, head->name, "this is no date as YYYY-MM-DD; spreadsheets rewrite dates as they see fit",
                          "write it as 2026-03-31, in a cell whose format is text");
        if (err == SK_OK && is_json && sk_json_check(head->text, SK_JSON_EDIT_DEPTH / 2, NULL) != SK_OK)
                err = say(self, head->name, "this is not JSON", "take it over from schakel template export");
        if (head->text.len > 0)
                edit.value = is_json ? head->text : quoted(self, head->text);
        self->row = NULL;
        if (err != SK_OK)
                return err;
        return edit.name == NULL ? SK_ERR_NO_MEMORY : apply(self, &edit);
}

static sk_err merge_heads(merging *self, const sk_sheet *before, const sk_sheet *edited) {
        const char *after = "";
        sk_err err = SK_OK;

        for (unsigned i = 0; i < edited->head_count && err == SK_OK; i++) {
                const sk_sheet_head *head = &edited->heads[i];
                const sk_sheet_head *was = head_of(before, head->name);
                if (was != NULL ? !sk_slice_equal(was->text, head->text) : head->text.len > 0)
                        err = merge_head(self, head, after);
                if (was != NULL || head->text.len > 0)
                        after = sk_arena_copy(self->arena, head->name).at;
        }
        return err;
}

/* ---- one member of a row ---- */

static const char *const members[] = {"responsible", "accountable", "consulted", "informed", "how", NULL};

/* The object of the row as the file has it now; SK_NONE if it has none. */
static sk_slice said_of(const merging *self) {
        sk_slice activities = sk_json_member(sk_buf_slice(&self->text), "activities");

        return sk_json_member(activities, self->row->cells[SK_SHEET_WHAT].at);
}

/* Behind which member a new one goes: the last that is there of those that come before it. */
static const char *place_of(const merging *self, const char *name) {
        const char *after = "";

        for (const char *const *member = members; *member != NULL; member++) {
                if (strcmp(*member, name) == 0)
                        return after;
                if (sk_slice_there(sk_json_member(said_of(self), *member)))
                        after = *member;
        }
        return NULL;
}

/* Sets, or takes away, a member of the row. */
static sk_err set(merging *self, const char *name, sk_slice value) {
        const char *const path[] = {"activities", self->row->cells[SK_SHEET_WHAT].at};
        sk_json_edit edit = {.path = path, .depth = 2, .name = name, .after = place_of(self, name), .value = value};

        return apply(self, &edit);
}

static sk_err merge_text(merging *self, const char *name, sk_slice cell) {
        return set(self, name, cell.len == 0 ? SK_NONE : quoted(self, cell));
}

/* Names with commas between: an array, unless one name stood there alone before. */
static sk_err merge_names(merging *self, const char *name, sk_slice cell) {
        sk_slice was = sk_json_member(said_of(self), name);
        bool is_alone = sk_slice_there(was) && sk_json_kind_of(was) == SK_JSON_STRING;
        sk_buf buf = sk_buf_make(VALUE_BYTES);
        sk_json_writer json = sk_json_writer_make(&buf);

        if (cell.len == 0 || (is_alone && memchr(cell.at, ',', cell.len) == NULL))
                return merge_text(self, name, cell);
        sk_json_open_array(&json, NULL);
        for (sk_slice rest = cell; rest.len > 0;) {
                const char *comma = memchr(rest.at, ',', rest.len);
                size_t len = comma == NULL ? rest.len : (size_t)(comma - rest.at);
                sk_slice one = {rest.at, len};
                while (one.len > 0 && one.at[0] == ' ')
                        one = (sk_slice){one.at + 1, one.len - 1};
                while (one.len > 0 && one.at[one.len - 1] == ' ')
                        one.len--;
                if (one.len > 0)
                        sk_json_put_text(&json, NULL, one);
                rest = (sk_slice){rest.at + len + (comma != NULL), rest.len - len - (comma != NULL)};
        }
        sk_json_close_array(&json);
        sk_err err = buf.err == SK_OK ? set(self, name, sk_buf_slice(&buf)) : buf.err;
        sk_buf_free(&buf);
        return err;
}

/* ---- how ---- */

/* {"manual": {"instruction": "...", the settings}} */
static void write_how(sk_slice how, sk_slice instruction, sk_slice settings, sk_buf *out) {
        sk_json_writer json = sk_json_writer_make(out);
        sk_json_walk walk = sk_json_walk_make(settings.len == 0 ? SK_SLICE("{}") : settings);
        sk_slice name;
        sk_slice value;
        const char *before = "";

        sk_buf_add_text(out, "{");
        sk_json_put_text(&json, NULL, how);
        sk_buf_add_text(out, ": {");
        if (instruction.len > 0) {
                json = sk_json_writer_make(out);
                sk_buf_add_text(out, "\"instruction\": ");
                sk_json_put_text(&json, NULL, instruction);
                before = ", ";
        }
        while (sk_json_walk_next(&walk, &name, &value)) {
                sk_buf_add_format(out, "%s\"%.*s\": ", before, (int)name.len, name.at);
                sk_buf_add_slice(out, value);
                before = ", ";
        }
        sk_buf_add_text(out, "}}");
}

static sk_err set_how(merging *self, sk_slice how, sk_slice instruction, sk_slice settings) {
        sk_buf buf = sk_buf_make(VALUE_BYTES);
        bool is_whole = settings.len > 0 && (sk_slice_is(how, "list") || sk_json_kind_of(settings) != SK_JSON_OBJECT);
        bool is_short = instruction.len == 0 && settings.len == 0;
        sk_json_writer json = sk_json_writer_make(&buf);
        sk_err err;

        if (is_whole && instruction.len > 0)
                return say(self, title_of(SK_SHEET_INSTRUCTION), "such a how has no instruction of its own",
                           "write it into the settings, or leave the cell empty");
        if (is_whole && sk_slice_is(how, "list"))
                sk_buf_add_slice(&buf, settings);
        else if (is_short)
                sk_json_put_text(&json, NULL, how);
        else
                write_how(how, instruction, settings, &buf);
        err = buf.err == SK_OK ? set(self, "how", sk_buf_slice(&buf)) : buf.err;
        sk_buf_free(&buf);
        return err;
}

/* Only what the person reads is another: the form beside it stays as it is laid out. */
static sk_err set_instruction(merging *self, sk_slice how, sk_slice instruction) {
        const char *const path[] = {"activities", self->row->cells[SK_SHEET_WHAT].at, "how",
                                    sk_arena_copy(self->arena, how).at};
        sk_json_edit edit = {.path = path, .depth = 4, .name = "instruction", .after = ""};

        if (instruction.len > 0)
                edit.value = quoted(self, instruction);
        return path[3] == NULL ? SK_ERR_NO_MEMORY : apply(self, &edit);
}

static sk_err merge_how(merging *self, const sk_slice was[SK_SHEET_COLUMNS], const sk_slice now[SK_SHEET_COLUMNS]) {
        sk_slice how = now[SK_SHEET_HOW];
        sk_slice instruction = now[SK_SHEET_INSTRUCTION];
        sk_slice settings = now[SK_SHEET_SETTINGS];
        bool is_same = sk_slice_equal(how, was[SK_SHEET_HOW]) && sk_slice_equal(settings, was[SK_SHEET_SETTINGS]);

        if (is_same && sk_slice_equal(instruction, was[SK_SHEET_INSTRUCTION]))
                return SK_OK;
        if (how.len == 0 && instruction.len == 0 && settings.len == 0)
                return set(self, "how", SK_NONE);
        if (how.len == 0)
                return say(self, title_of(SK_SHEET_HOW), "there is an instruction or a setting, but no how",
                           "write manual where a person does it");
        if (settings.len > 0) {
                sk_err err = check_json(self, SK_SHEET_SETTINGS, settings, false);
                if (err != SK_OK)
                        return err;
        }
        bool has_place = was[SK_SHEET_INSTRUCTION].len > 0 || was[SK_SHEET_SETTINGS].len > 0;
        if (is_same && has_place && !sk_slice_is(how, "list"))
                return set_instruction(self, how, instruction);
        return set_how(self, how, instruction, settings);
}

/* ---- the rest ---- */

static sk_err merge_more(merging *self, sk_slice was, sk_slice now) {
        sk_slice before = was.len == 0 ? SK_SLICE("{}") : was;
        sk_slice after = now.len == 0 ? SK_SLICE("{}") : now;
        sk_slice name;
        sk_slice value;
        sk_err err = check_json(self, SK_SHEET_MORE, after, true);

        if (err != SK_OK)
                return err;
        sk_json_walk walk = sk_json_walk_make(before);
        while (err == SK_OK && sk_json_walk_next(&walk, &name, &value)) {
                const char *member = sk_arena_copy(self->arena, name).at;
                if (member != NULL && !sk_slice_there(sk_json_member(after, member)))
                        err = set(self, member, SK_NONE);
        }
        walk = sk_json_walk_make(after);
        while (err == SK_OK && sk_json_walk_next(&walk, &name, &value)) {
                const char *member = sk_arena_copy(self->arena, name).at;
                sk_slice old = member == NULL ? SK_NONE : sk_json_member(before, member);
                if (member == NULL)
                        err = SK_ERR_NO_MEMORY;
                else if (!sk_slice_there(old) || !sk_json_equal(old, value))
                        err = set(self, member, value);
        }
        return err;
}

/* ---- rows ---- */

static sk_slice cell_now(const sk_sheet_row *was, const sk_sheet_row *now, unsigned column) {
        return sk_slice_there(now->cells[column]) ? now->cells[column] : was->cells[column];
}

static bool is_same_row(const sk_sheet_row *was, const sk_sheet_row *now) {
        bool is_same = true;

        for (unsigned column = SK_SHEET_WHO; column < SK_SHEET_COLUMNS && is_same; column++)
                is_same = sk_slice_equal(was->cells[column], cell_now(was, now, column));
        return is_same;
}

static sk_err merge_cells(merging *self, const sk_sheet_row *was, const sk_sheet_row *now) {
        sk_err err = SK_OK;

        for (unsigned column = SK_SHEET_WHO; column <= SK_SHEET_INFORMED && err == SK_OK; column++) {
                if (sk_slice_equal(was->cells[column], now->cells[column]))
                        continue;
                err = column < SK_SHEET_CONSULTED
                              ? merge_text(self, members[column - SK_SHEET_WHO], now->cells[column])
                              : merge_names(self, members[column - SK_SHEET_WHO], now->cells[column]);
        }
        if (err == SK_OK)
                err = merge_how(self, was->cells, now->cells);
        if (err == SK_OK && !sk_slice_equal(was->cells[SK_SHEET_MORE], now->cells[SK_SHEET_MORE]))
                err = merge_more(self, was->cells[SK_SHEET_MORE], now->cells[SK_SHEET_MORE]);
        return err;
}

static sk_err merge_row(merging *self, const sk_sheet_row *was, const sk_sheet_row *edited, const char *after) {
        static const char *const path[] = {"activities"};
        sk_sheet_row now = *edited;
        sk_json_edit edit = {.path = path, .depth = 1, .name = was->cells[SK_SHEET_WHAT].at, .after = after};
        sk_err err = SK_OK;

        now.cells[SK_SHEET_WHAT] = was->cells[SK_SHEET_WHAT];
        for (unsigned column = SK_SHEET_WHO; column < SK_SHEET_COLUMNS; column++)
                now.cells[column] = cell_now(was, edited, column);
        self->row = &now;
        if (!sk_slice_there(said_of(self))) {
                edit.value = SK_SLICE("{}");
                err = apply(self, &edit);
        }
        if (err == SK_OK)
                err = merge_cells(self, was, &now);
        if (err == SK_OK && sk_json_equal(said_of(self), SK_SLICE("{}"))) {
                edit.value = SK_NONE;
                err = apply(self, &edit);
        }
        self->row = NULL;
        return err;
}

static const sk_sheet_row *row_of(const sk_sheet *sheet, sk_slice what) {
        for (unsigned i = 0; i < sheet->count; i++) {
                if (sk_slice_equal(sheet->rows[i].cells[SK_SHEET_WHAT], what))
                        return &sheet->rows[i];
        }
        return NULL;
}

static sk_err merge_rows(merging *self, const sk_sheet *before, const sk_sheet *edited) {
        const char *after = "";
        sk_err err = SK_OK;

        for (unsigned i = 0; i < edited->count; i++) {
                self->row = &edited->rows[i];
                if (row_of(before, self->row->cells[SK_SHEET_WHAT]) == NULL)
                        return say(self, self->row->cells[SK_SHEET_WHAT], "the routine has no such activity",
                                   "take the row away; schakel method shows what belongs to which process");
        }
        self->row = NULL;
        for (unsigned i = 0; i < before->count && err == SK_OK; i++) {
                const sk_sheet_row *was = &before->rows[i];
                const sk_sheet_row *now = row_of(edited, was->cells[SK_SHEET_WHAT]);
                if (now != NULL && !is_same_row(was, now))
                        err = merge_row(self, was, now, after);
                sk_slice activities = sk_json_member(sk_buf_slice(&self->text), "activities");
                if (sk_slice_there(sk_json_member(activities, was->cells[SK_SHEET_WHAT].at)))
                        after = was->cells[SK_SHEET_WHAT].at;
        }
        return err;
}

sk_err sk_sheet_merge(sk_slice file, const sk_sheet *before, const sk_sheet *edited, sk_arena *arena, sk_buf *out,
                      sk_sheet_problem *problem) {
        merging self = {
                .arena = arena, .text = sk_buf_make(FILE_BYTES), .spare = sk_buf_make(FILE_BYTES), .problem = problem};

        assert(arena != NULL && problem != NULL);
        *problem = (sk_sheet_problem){.why = "it is too large", .remedy = "make two routines of it"};
        sk_buf_add_slice(&self.text, file);
        sk_err err = self.text.err;
        if (err == SK_OK)
                err = merge_heads(&self, before, edited);
        if (err == SK_OK)
                err = merge_rows(&self, before, edited);
        if (err == SK_OK)
                err = sk_arena_err(arena);
        if (err == SK_OK)
                sk_buf_add_slice(out, sk_buf_slice(&self.text));
        sk_buf_free(&self.text);
        sk_buf_free(&self.spare);
        return err == SK_OK ? out->err : err;
}
