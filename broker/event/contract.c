#include "event/contract.h"

#include <assert.h>

#include "event/contract_inside.h"
#include "event/envelope.h"
#include "kit/alloc.h"

#define ALL SK_SLICE("schakel:all")
#define TEXTS_MAX 200

struct sk_contract {
        sk_schema *schema; /**< of all of them, so that what they share is there once */
        uint32_t entry[SK_MESSAGES];
};

static const sk_schema_text *find(sk_slice id) {
        assert(sk_contract_text_count > 0);
        for (size_t i = 0; i < sk_contract_text_count; i++) {
                if (sk_slice_equal(sk_contract_texts[i].uri, id))
                        return &sk_contract_texts[i];
        }
        return NULL;
}

sk_slice sk_contract_text(sk_slice id) {
        const sk_schema_text *found = find(id);

        assert(found == NULL || sk_slice_there(found->text));
        return found == NULL ? SK_NONE : found->text;
}

sk_slice sk_contract_id(sk_message type) {
        const char *name = sk_message_name(type);
        size_t len = strlen(name);

        assert(type < SK_MESSAGES);
        for (size_t i = 0; i < sk_contract_text_count; i++) {
                sk_slice id = sk_contract_texts[i].uri; /* schakel:NAME/VERSION */
                if (id.len > 9 + len && memcmp(id.at + 8, name, len) == 0 && id.at[8 + len] == '/')
                        return id;
        }
        assert(false); /* a message without a schema */
        return SK_NONE;
}

/* A schema that refers to all of them, as where to begin. */
static void write_all(sk_buf *out) {
        assert(out->len == 0);
        sk_buf_add_text(out, "{\"anyOf\":[");
        for (size_t i = 0; i < sk_contract_text_count; i++) {
                sk_buf_add_text(out, i == 0 ? "{\"$ref\":\"" : ",{\"$ref\":\"");
                sk_buf_add_slice(out, sk_contract_texts[i].uri);
                sk_buf_add_text(out, "\"}");
        }
        sk_buf_add_text(out, "]}");
}

/* All schemas are the project's own: that one is wrong is no error of who runs it. */
static sk_err compile(sk_contract *contract, sk_slice all) {
        assert(contract->schema == NULL);
        sk_schema_text texts[TEXTS_MAX];
        const sk_schema_source source = {.texts = texts, .count = sk_contract_text_count + 1, .uri = ALL};
        sk_schema_fault fault = {.text = ""};

        assert(sk_contract_text_count < TEXTS_MAX);
        memcpy(texts, sk_contract_texts, sk_contract_text_count * sizeof(*texts));
        texts[sk_contract_text_count] = (sk_schema_text){ALL, all};
        sk_err err = sk_schema_compile(&source, &contract->schema, &fault);
        assert(err == SK_OK || err == SK_ERR_NO_MEMORY);
        for (unsigned type = 0; err == SK_OK && type < SK_MESSAGES; type++) {
                contract->entry[type] = sk_schema_entry(contract->schema, sk_contract_id((sk_message)type));
                assert(contract->entry[type] != UINT32_MAX);
        }
        return err;
}

sk_contract *sk_contract_new(void) {
        sk_contract *contract = sk_alloc_zero(1, sizeof(*contract));
        sk_buf all = sk_buf_make(64 * TEXTS_MAX);

        write_all(&all);
        sk_err err = contract == NULL ? SK_ERR_NO_MEMORY : all.err;
        if (err == SK_OK)
                err = compile(contract, sk_buf_slice(&all));
        sk_buf_free(&all);
        if (err == SK_OK)
                return contract;
        sk_contract_free(contract);
        return NULL;
}

void sk_contract_free(sk_contract *contract) {
        if (contract == NULL)
                return;
        sk_schema_free(contract->schema);
        sk_free(contract);
}

sk_err sk_contract_check(const sk_contract *contract, sk_schema_run *run, sk_message type, sk_slice value,
                         sk_schema_fault *fault) {
        assert(contract != NULL);
        assert(run != NULL);
        assert(type < SK_MESSAGES);
        return sk_schema_check_from(contract->schema, run, contract->entry[type], value, fault);
}
