/* SPDX-License-Identifier: ISC */
/* jit-report report: figures of a period, each with what is behind it. */
#include "report.h"

int
report_report(struct report *r, struct jit_error *err)
{
	int rc = report_read(r, err);

	if (rc == 0)
		report_print_ledger(r);
	return rc;
}
