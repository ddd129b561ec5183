#ifndef SK_CLI_SHEET_H
#define SK_CLI_SHEET_H

#include "cli/print/csv.h"
#include "usm/text.h"

/*
 * A routine file as a sheet: first what the whole is (title, version, ...), then a row for each activity and each cut,
 * with what, who and how. The sheet is printed as a document, or edited in a spreadsheet; what was changed there goes back
 * into the file, of which every other byte stays as it is.
 */

#define SK_SHEET_ROWS 48u
#define SK_SHEET_HEADS 16u

typedef enum sk_sheet_column {
        SK_SHEET_WHAT, /**< activity or cut: "recover.analyse", "recover.cut" */
        SK_SHEET_NAME, /**< of the activity, in the reader's language */
        SK_SHEET_WHO,  /**< responsible */
        SK_SHEET_ACCOUNTABLE,
        SK_SHEET_CONSULTED, /**< names with commas between */
        SK_SHEET_INFORMED,
        SK_SHEET_HOW,         /**< "manual", "auto", "delegate", ...; "list" where there are several */
        SK_SHEET_INSTRUCTION, /**< what the person reads */
        SK_SHEET_SETTINGS,    /**< JSON: the rest of the how */
        SK_SHEET_MORE,        /**< JSON: the rest of the activity */
        SK_SHEET_COLUMNS,
} sk_sheet_column;

/** Title of a column: "what", "who"; static. */
const char *sk_sheet_column_title(sk_sheet_column column);

/** A member of the file beside its activities. */
typedef struct sk_sheet_head {
        sk_slice name;
        sk_slice text; /**< a string's text, else JSON */
        uint32_t line; /**< of the CSV; 0: none */
} sk_sheet_head;

typedef struct sk_sheet_row {
        sk_slice cells[SK_SHEET_COLUMNS]; /**< SK_NONE: the CSV has no such column */
        unsigned depth;                   /**< how many processes triggered this one */
        uint32_t line;
} sk_sheet_row;

typedef struct sk_sheet {
        sk_slice routine; /**< name of the file without .json */
        sk_sheet_head heads[SK_SHEET_HEADS];
        unsigned head_count;
        sk_sheet_row rows[SK_SHEET_ROWS];
        unsigned count;
} sk_sheet;

/** What a sheet is about: a process, or (process SK_PROCESSES) a workflow. */
typedef struct sk_sheet_scope {
        sk_process process;
        unsigned workflow;
} sk_sheet_scope;

/** The scope that a routine file names; both SK_PROCESSES and 0 if it names none. */
sk_sheet_scope sk_sheet_scope_of(sk_slice file);

/**
 * The sheet of a routine file.
 *
 * @param file      checked JSON, borrowed as long as the sheet
 * @param scope     whose activities have rows, also those that the file does not speak of
 * @param language  of the names
 * @return SK_OK; SK_ERR_FULL; SK_ERR_NO_MEMORY
 */
sk_err sk_sheet_of_file(sk_slice file, const sk_sheet_scope *scope, sk_language language, sk_arena *arena,
                        sk_sheet *out);

/* ---- as a document, or to be edited ---- */

/** Appends it as CSV. */
void sk_sheet_csv(const sk_sheet *sheet, sk_buf *out);
/** Appends it as a page in Markdown: what, who and how. */
void sk_sheet_markdown(const sk_sheet *sheet, sk_arena *arena, sk_buf *out);
/** The same as a page of HTML that needs nothing else, and is well-formed XML as well. */
void sk_sheet_html(const sk_sheet *sheet, sk_arena *arena, sk_buf *out);

/** Why a sheet or a cell was not taken, and where. */
typedef struct sk_sheet_problem {
        uint32_t line;   /**< of the CSV; 0: the whole */
        sk_slice column; /**< SK_NONE: the whole row */
        const char *why; /**< static */
        const char *remedy;
} sk_sheet_problem;

/**
 * Reads a sheet from CSV, as it was written or as a spreadsheet saved it: columns may be missing or stand in another
 * order.
 *
 * @return SK_OK; SK_ERR_SYNTAX and the like, and @p problem says why
 */
sk_err sk_sheet_read(sk_slice csv, sk_arena *arena, sk_sheet *out, sk_sheet_problem *problem);

/**
 * Appends @p file with all that @p edited says otherwise than @p before, the sheet of that file. Nothing changed: the
 * same bytes. Heads and rows that @p edited lacks stay as they are; an empty cell takes away what stood there.
 *
 * @param file  checked JSON with an object "activities"
 * @return SK_OK; SK_ERR_SYNTAX, and @p problem says why; SK_ERR_FULL; SK_ERR_NO_MEMORY
 */
sk_err sk_sheet_merge(sk_slice file, const sk_sheet *before, const sk_sheet *edited, sk_arena *arena, sk_buf *out,
                      sk_sheet_problem *problem);

#endif
