/*
 * Words of reports.
 */
#include "cli/report/report_words.h"

#include <assert.h>
#include <inttypes.h>

static const sk_report_words words[SK_LANGUAGES] = {
        [SK_ENGLISH] = {.title = "Service report",
                        .all_teams = "all teams",
                        .for_whom = "for",
                        .until_now = "until now",
                        .until = "until",
                        .since = "since",
                        .to = "to",
                        .rows = {"workflow", "process", "line", "work instruction"},
                        .calls = "calls",
                        .runs = "runs",
                        .open = "open",
                        .closed = "closed",
                        .responded = "reply",
                        .kept = "kept",
                        .median = "median",
                        .p90 = "p90",
                        .first_time = "1st try",
                        .longest_in = "longest in",
                        .time = "time",
                        .for_what = "for what, and where",
                        .where_time = "where the time went, of what has ended",
                        .waits = {"not taken", "in hand", "next link", "customer", "schakel", "not known"},
                        .reasons = {"nobody took the task", "a person had it", "waited for", "waited for",
                                    "no task and no question", "not known"},
                        .in = "in",
                        .missed = "missed promises",
                        .missed_responses = "late responses",
                        .ended_early = "ended early",
                        .same_figures = "same figures at both ends",
                        .digest = "digest",
                        .differ = "the figures of both ends differ",
                        .at_work = ", for the chain was at work; ask again when it rests",
                        .both = "and",
                        .at_provider = "at the provider",
                        .at_customer = "at the customer",
                        .ask = "see that the links of both run; what stays apart then is worth a question",
                        .no_calls = "no calls",
                        .contradictions = "managed infrastructure",
                        .unnamed = "changes that named no component",
                        .operated = "times operate touched a named one",
                        .improvements = "improvements",
                        .started = "started",
                        .effect = "kept, before and after",
                        .before = "before",
                        .after = "after",
                        .still_open = "still open",
                        .undecided = "workflow not decided",
                        .with_change = "with a change",
                        .with_agreement = "with an agreement",
                        .no_instruction = "no work instruction",
                        .call = "call",
                        .type = "type",
                        .customer = "customer",
                        .facility = "facility",
                        .opened = "opened",
                        .lead = "took",
                        .outcome = "outcome",
                        .cause = "most of the time",
                        .late = "late",
                        .more = "more",
                        .lead_times = "lead times",
                        .promises = "promises",
                        .month = "month",
                        .period = "period",
                        .nothing_promised = "nothing was promised"},
        [SK_DUTCH] = {.title = "Servicerapport",
                      .all_teams = "alle teams",
                      .for_whom = "voor",
                      .until_now = "tot nu toe",
                      .until = "tot",
                      .since = "sinds",
                      .to = "tot",
                      .rows = {"workflow", "proces", "lijn", "werkinstructie"},
                      .calls = "meldingen",
                      .runs = "doorlopen",
                      .open = "open",
                      .closed = "afgesloten",
                      .responded = "reactie",
                      .kept = "gehaald",
                      .median = "mediaan",
                      .p90 = "p90",
                      .first_time = "1e keer",
                      .longest_in = "langst bij",
                      .time = "tijd",
                      .for_what = "waarvoor, en waar",
                      .where_time = "waar de tijd bleef, van wat is afgesloten",
                      .waits = {"niet opgepakt", "in behandeling", "volgende schakel", "klant", "schakel", "onbekend"},
                      .reasons = {"niemand pakte de taak op", "iemand had het in behandeling", "gewacht op",
                                  "gewacht op", "geen taak en geen vraag", "onbekend"},
                      .in = "bij",
                      .missed = "niet gehaalde toezeggingen",
                      .missed_responses = "te late reacties",
                      .ended_early = "voortijdig beëindigd",
                      .same_figures = "dezelfde cijfers aan beide kanten",
                      .digest = "kenmerk",
                      .differ = "de cijfers van beide kanten verschillen",
                      .at_work = ", want de keten was aan het werk; vraag opnieuw als zij rust",
                      .both = "en",
                      .at_provider = "bij de leverancier",
                      .at_customer = "bij de klant",
                      .ask = "kijk of de schakels van beide draaien; wat dan nog verschilt is een vraag waard",
                      .no_calls = "geen meldingen",
                      .contradictions = "beheerde infrastructuur",
                      .unnamed = "wijzigingen noemden geen component",
                      .operated = "keer raakte operate er een aan",
                      .improvements = "verbeteringen",
                      .started = "begonnen",
                      .effect = "gehaald, ervoor en erna",
                      .before = "ervoor",
                      .after = "erna",
                      .still_open = "nog open",
                      .undecided = "workflow niet beslist",
                      .with_change = "met een wijziging",
                      .with_agreement = "met een afspraak",
                      .no_instruction = "geen werkinstructie",
                      .call = "melding",
                      .type = "soort",
                      .customer = "klant",
                      .facility = "voorziening",
                      .opened = "geopend",
                      .lead = "duurde",
                      .outcome = "afloop",
                      .cause = "de meeste tijd",
                      .late = "te laat",
                      .more = "meer",
                      .lead_times = "doorlooptijden",
                      .promises = "toezeggingen",
                      .month = "maand",
                      .period = "periode",
                      .nothing_promised = "er was niets toegezegd"},
        [SK_SPANISH] = {.title = "Informe de servicio",
                        .all_teams = "todos los equipos",
                        .for_whom = "para",
                        .until_now = "hasta ahora",
                        .until = "hasta",
                        .since = "desde",
                        .to = "a",
                        .rows = {"flujo", "proceso", "línea", "instrucción de trabajo"},
                        .calls = "llamadas",
                        .runs = "pasadas",
                        .open = "abiertas",
                        .closed = "cerradas",
                        .responded = "resp.",
                        .kept = "cumplido",
                        .median = "mediana",
                        .p90 = "p90",
                        .first_time = "1.ª vez",
                        .longest_in = "más tiempo en",
                        .time = "tiempo",
                        .for_what = "para qué, y dónde",
                        .where_time = "adónde fue el tiempo, de lo que ha cerrado",
                        .waits = {"sin tomar", "en manos", "siguiente eslabón", "cliente", "schakel", "desconocido"},
                        .reasons = {"nadie tomó la tarea", "una persona la tenía", "se esperó a", "se esperó a",
                                    "sin tarea ni pregunta", "desconocido"},
                        .in = "en",
                        .missed = "promesas incumplidas",
                        .missed_responses = "respuestas tardías",
                        .ended_early = "terminadas antes",
                        .same_figures = "las mismas cifras en ambos lados",
                        .digest = "huella",
                        .differ = "las cifras de ambos lados difieren",
                        .at_work = ", pues la cadena trabajaba; pida de nuevo cuando descanse",
                        .both = "y",
                        .at_provider = "en el proveedor",
                        .at_customer = "en el cliente",
                        .ask = "vea si los eslabones de ambos están en marcha; lo que aún difiera merece una pregunta",
                        .no_calls = "ninguna llamada",
                        .contradictions = "infraestructura gestionada",
                        .unnamed = "cambios sin componente",
                        .operated = "veces operate tocó uno",
                        .improvements = "mejoras",
                        .started = "comenzada",
                        .effect = "cumplido, antes y después",
                        .before = "antes",
                        .after = "después",
                        .still_open = "aún abierta",
                        .undecided = "flujo sin decidir",
                        .with_change = "con un cambio",
                        .with_agreement = "con un acuerdo",
                        .no_instruction = "sin instrucción de trabajo",
                        .call = "llamada",
                        .type = "tipo",
                        .customer = "cliente",
                        .facility = "prestación",
                        .opened = "abierta",
                        .lead = "duró",
                        .outcome = "resultado",
                        .cause = "la mayor parte del tiempo",
                        .late = "tarde",
                        .more = "más",
                        .lead_times = "plazos",
                        .promises = "promesas",
                        .month = "mes",
                        .period = "periodo",
                        .nothing_promised = "no se prometió nada"},
};

const sk_report_words *sk_report_words_of(sk_language language) {
        assert(language < SK_LANGUAGES);
        return &words[language];
}

/* ---- labels ---- */

/* Names of types as they stand within a line. */
static void add_type(sk_buf *out, sk_call_type type, sk_language language) {
        if (type >= SK_CALL_TYPES) {
                sk_buf_add_text(out, words[language].call);
                return;
        }
        const char *name = sk_call_type_text(type)->name[language];
        sk_buf_add_byte(out, (uint8_t)(name[0] >= 'A' && name[0] <= 'Z' ? name[0] - 'A' + 'a' : name[0]));
        sk_buf_add_text(out, name + 1);
}

void sk_report_label_workflow(unsigned number, sk_language language, sk_buf *out) {
        const sk_workflow *workflow = sk_workflow_get(number);
        bool is_long = workflow->trigger == SK_INCIDENT || workflow->trigger == SK_RISK;
        sk_buf_add_uint(out, number);
        sk_buf_add_byte(out, ' ');
        add_type(out, workflow->trigger, language);
        if (is_long && workflow->path[1] == SK_CHANGE)
                sk_buf_add_format(out, ", %s", words[language].with_change);
        else if (is_long && workflow->path[1] == SK_AGREE)
                sk_buf_add_format(out, ", %s", words[language].with_agreement);
}

void sk_report_label_undecided(sk_call_type type, sk_language language, sk_buf *out) {
        add_type(out, type, language);
        sk_buf_add_format(out, ", %s", words[language].undecided);
}

void sk_report_label_process(sk_process process, sk_language language, sk_buf *out) {
        if (process >= SK_PROCESSES)
                sk_buf_add_text(out, "none");
        else if (language == SK_ENGLISH)
                sk_buf_add_text(out, sk_process_get(process)->id);
        else
                sk_buf_add_text(out, sk_process_text(process)->name[language]);
}

void sk_report_label_line(unsigned number, sk_language language, sk_buf *out) {
        static const char *const endings[] = {"th", "st", "nd", "rd"};
        sk_buf_add_uint(out, number);
        if (language == SK_ENGLISH)
                sk_buf_add_text(out, number < 4 ? endings[number] : endings[0]);
        else
                sk_buf_add_text(out, language == SK_DUTCH ? "e" : ".ª");
        sk_buf_add_format(out, " %s", words[language].rows[2]);
}

void sk_report_label_instruction(sk_slice name, sk_language language, sk_buf *out) {
        if (name.len > 0)
                sk_buf_add_slice(out, name);
        else
                sk_buf_add_text(out, words[language].no_instruction);
}

void sk_report_reason_write(const sk_report_words *said, const sk_report_part *part, sk_slice team, bool names_team,
                            sk_buf *out) {
        assert(part->wait < SK_WAITS);
        sk_buf_add_text(out, said->reasons[part->wait]);
        if (part->wait == SK_WAIT_PROVIDER || part->wait == SK_WAIT_CUSTOMER)
                sk_buf_add_format(out, " %.*s", (int)team.len, team.at);
        else if (names_team)
                sk_buf_add_format(out, " %s %.*s", said->in, (int)team.len, team.at);
}

void sk_report_ends_write(const sk_report_words *said, const uint64_t counts[4], sk_buf *out) {
        sk_buf_add_format(out, "%" PRIu64 " %s %s %" PRIu64 " %s %s, %" PRIu64 " %s %" PRIu64 " %s", counts[0],
                          said->closed, said->both, counts[1], said->open, said->at_provider, counts[2], said->both,
                          counts[3], said->at_customer);
}
