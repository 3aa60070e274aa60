/* SPDX-License-Identifier: ISC */
/* What the keeper knows of its ledger, while that answers and while not. */
#include "act.h"
#include "keeper_inner.h"

int
keeper_find(struct keeper *k, struct jit_error *err)
{
	int rc = gate_open_as(&k->gate, k->cli, KEEPER_DIR, err);

	if (rc != JIT_TROUBLE)
		return rc;
	k->blind = *err;
	rc = gate_recall(&k->gate, k->cli, KEEPER_DIR, err);
	if (rc)
		return rc;
	k->back = KEEPER_AWAY;
	cli_complain(k->cli, &k->blind);
	return 0;
}

/*
 * The ledger answers again. What was sealed here is not in it before the
 * clerk has delivered it: until then it is as it was.
 */
static void
come_back(struct keeper *k)
{
	struct clerk_use deliver = {.ticket = KEEPER_DELIVERY};
	struct jit_ledger *l = NULL;
	struct cli there = *k->cli;

	if (jit_ledger_open(&l, k->gate.ledger, KEEPER_DIR, k->cli->now,
		    NULL) != 0)
		return;
	there.ledger = l;
	tender_keep(&k->tender, &there, false);
	if (jit_ledger_fresh(l, k->cli->now, NULL) != 0) {
		jit_ledger_free(l);
		return;
	}
	if (k->back == KEEPER_DELIVERED) {
		jit_ledger_free(k->cli->ledger);
		k->cli->ledger = l; /* transferred */
		k->blind.text[0] = '\0';
		k->back = KEEPER_THERE;
		return;
	}
	jit_ledger_free(l);
	if (k->back == KEEPER_AWAY && clerk_ask(&k->clerk, &deliver))
		k->back = KEEPER_DELIVERING;
}

void
keeper_look(struct keeper *k)
{
	struct jit_error err = {0};
	int rc;

	act_now(k->cli);
	if (k->back != KEEPER_THERE)
		come_back(k);
	if (k->back == KEEPER_THERE) {
		rc = jit_ledger_update(k->cli->ledger, k->cli->now, &err);
		if (rc == 0)
			rc = jit_ledger_fresh(k->cli->ledger, k->cli->now,
				&err);
		if (rc && !k->blind.text[0])
			cli_complain(k->cli, &err);
		if (rc == 0)
			k->blind.text[0] = '\0';
		else
			k->blind = err;
		if (rc != JIT_TROUBLE)
			return;
	}
	err = k->blind;
	if (gate_recall(&k->gate, k->cli, KEEPER_DIR, &err) == 0 &&
		k->back == KEEPER_THERE)
		k->back = KEEPER_AWAY;
}

void
keeper_delivered(struct keeper *k, const struct jit_json *answer)
{
	int64_t ticket = 0, status = 0;

	if (jit_json_int(&ticket, jit_json_get(answer, "ticket")) &&
		jit_json_int(&status, jit_json_get(answer, "status")) &&
		ticket == KEEPER_DELIVERY)
		k->back = status ? KEEPER_AWAY : KEEPER_DELIVERED;
}
