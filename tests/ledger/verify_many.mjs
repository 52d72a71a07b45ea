// Verify many ledgers in one process: on standard input each ledger follows a line with its length in bytes.
// Prints one line of JSON for each.

import { readFileSync } from "node:fs";
import { linesOf, verify } from "../../docs/verify/verify.mjs";

const input = readFileSync(0);
for (let at = 0; at < input.length; ) {
  const end = input.indexOf(10, at);
  const length = Number(input.subarray(at, end).toString());
  const ledger = input.subarray(end + 1, end + 1 + length);
  console.log(JSON.stringify(verify(linesOf(ledger))));
  at = end + 1 + length;
}
