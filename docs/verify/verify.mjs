// A second verifier of the ledger's export, written from docs/ledger.md alone: Node.js 18 or newer, no packages.
//
//   node docs/verify/verify.mjs FILE [--json]
//
// Prints one line. Exit status: 0 the ledger verifies, 1 it does not, 2 the file can't be read.

import { createHash, createPublicKey, verify as verifySignature } from "node:crypto";
import { closeSync, openSync, readSync, realpathSync } from "node:fs";
import { fileURLToPath } from "node:url";

export class Wrong extends Error {}

const must = (holds, reason) => {
  if (!holds) throw new Wrong(reason);
};
const sha256 = (...parts) => parts.reduce((hash, part) => hash.update(part), createHash("sha256")).digest("hex");
const base64url = (data) => Buffer.from(data).toString("base64url");
const GENESIS = "0".repeat(64);
const DAY = 86400000;

// ---- JSON: strict reading, canonical writing ------------------------------------------------------------------

const ESCAPES = { '"': '"', "\\": "\\", "/": "/", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" };

/** Read one JSON text. Objects are Maps, integers are BigInts; doubled members and fractions are refused. */
export function parse(text) {
  let at = 0;
  const fail = () => {
    throw new Wrong("not JSON of ours");
  };
  const blank = () => {
    while (at < text.length && " \t\n\r".includes(text[at])) at += 1;
  };
  const word = (expected, value) => {
    if (!text.startsWith(expected, at)) fail();
    at += expected.length;
    return value;
  };
  const string = () => {
    let made = "";
    for (at += 1; ; at += 1) {
      const c = text[at];
      if (c === undefined || c < " ") fail();
      if (c === '"') break;
      if (c !== "\\") {
        made += c;
        continue;
      }
      at += 1;
      if (text[at] === "u") {
        const digits = text.slice(at + 1, at + 5);
        if (!/^[0-9a-fA-F]{4}$/.test(digits)) fail();
        made += String.fromCharCode(parseInt(digits, 16));
        at += 4;
      } else if (Object.hasOwn(ESCAPES, text[at])) made += ESCAPES[text[at]];
      else fail();
    }
    at += 1;
    return made;
  };
  const number = () => {
    const match = /^-?(0|[1-9][0-9]*)/.exec(text.slice(at, at + 5000));
    if (match === null || match[0] === "-0") fail();
    at += match[0].length;
    if (".eE0123456789".includes(text[at] ?? " ")) fail();
    return BigInt(match[0]);
  };
  const members = (depth) => {
    const made = new Map();
    at += 1;
    blank();
    if (text[at] === "}") return word("}", made);
    for (;;) {
      blank();
      if (text[at] !== '"') fail();
      const name = string();
      if (made.has(name) || !/^[\0-\x7f]*$/.test(name)) fail();
      blank();
      word(":");
      made.set(name, value(depth + 1));
      blank();
      if (text[at] === "}") return word("}", made);
      word(",");
    }
  };
  const list = (depth) => {
    const made = [];
    at += 1;
    blank();
    if (text[at] === "]") return word("]", made);
    for (;;) {
      made.push(value(depth + 1));
      blank();
      if (text[at] === "]") return word("]", made);
      word(",");
    }
  };
  const value = (depth) => {
    if (depth > 500) fail();
    blank();
    switch (text[at]) {
      case "{":
        return members(depth);
      case "[":
        return list(depth);
      case '"':
        return string();
      case "t":
        return word("true", true);
      case "f":
        return word("false", false);
      case "n":
        return word("null", null);
      default:
        return number();
    }
  };
  const made = value(0);
  blank();
  if (at !== text.length) fail();
  return made;
}

/** Write the canonical form (RFC 8785) of what `parse` reads. */
export function canonical(value) {
  if (value instanceof Map) {
    const names = [...value.keys()].sort();
    return `{${names.map((name) => `${JSON.stringify(name)}:${canonical(value.get(name))}`).join(",")}}`;
  }
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value === "string") {
    must(value.isWellFormed ? value.isWellFormed() : !/\p{Surrogate}/u.test(value), "a text with half a character");
    return JSON.stringify(value);
  }
  return String(value);
}

// ---- Forms of members -----------------------------------------------------------------------------------------

const isText = (value) => typeof value === "string";
const matching = (pattern) => (value) => isText(value) && pattern.test(value);
const ofLength = (least, most) => (value) => {
  if (!isText(value)) return false;
  const length = [...value].length;
  return length >= least && length <= most;
};
const between = (least, most) => (value) => typeof value === "bigint" && value >= least && value <= most;
const oneOf = (...values) => (value) => values.includes(value);
const orNull = (form) => (value) => value === null || form(value);
const listOf = (form) => (value) => Array.isArray(value) && value.every(form);
const truth = (value) => typeof value === "boolean";
const optional = (form, empty = null) => Object.assign((value) => value !== empty && form(value), { optional: true });
const object = (members) =>
  Object.assign((value) => value instanceof Map && misfit(value, members) === null, { members });

function misfit(data, members) {
  for (const name of data.keys()) if (!Object.hasOwn(members, name)) return name;
  for (const [name, form] of Object.entries(members)) {
    if (!data.has(name) ? !form.optional : !form(data.get(name))) return name;
  }
  return null;
}

/** An instant as one BigInt of microseconds since 1970; null where there is no such moment. */
function instant(text) {
  const match = isText(text) && /^(\d{4}-\d\d-\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{6}))?Z$/.exec(text);
  if (!match || day(match[1]) === null) return null;
  const [hour, minute, second] = match.slice(2, 5).map(Number);
  if (hour > 23 || minute > 59 || second > 59) return null;
  return BigInt(day(match[1]) + ((hour * 60 + minute) * 60 + second) * 1000) * 1000n + BigInt(match[5] ?? 0);
}

function day(text) {
  const match = isText(text) && /^(\d{4})-(\d\d)-(\d\d)$/.exec(text);
  if (!match || Number(match[1]) < 1900) return null;
  const [year, month, date] = match.slice(1).map(Number);
  const made = new Date(Date.UTC(year, month - 1, date));
  const real = made.getUTCFullYear() === year && made.getUTCMonth() === month - 1 && made.getUTCDate() === date;
  return real ? made.getTime() : null;
}

const SAFE = 2n ** 53n - 1n;
const id = matching(/^[a-z0-9][a-z0-9-]{0,79}$/);
const spaceName = matching(/^[a-z0-9_-]{1,64}$/);
const rangeId = matching(/^[siw][0-9a-f]{20}$/);
const regrantId = matching(/^r[0-9a-f]{20}$/);
const number = matching(/^[0-9]{6,18}$/);
const figure = matching(/^(0|[1-9][0-9]{0,18})$/);
const count = between(0n, SAFE);
const digest = matching(/^[0-9a-f]{64}$/);
const key = matching(/^[A-Za-z0-9_-]{43}$/);
const time = (value) => instant(value) !== null;
const date = (value) => day(value) !== null;
const requestId = matching(/^[!-~]{1,128}$/);
const version = matching(/^[1-9][0-9]{0,3}\.[0-9]{1,4}$/);
const requirement = matching(/^[a-z_]{1,40}$/);
const section = matching(/^([0-9]{1,2}|[A-Z])(\.[0-9]{1,2}){0,3}$/);
const name = ofLength(1, 200);
const text = ofLength(0, 400);
const said = ofLength(1, 400);
const purpose = orNull(ofLength(0, 200));
const acceptance = matching(/^a[0-9a-f]{20}$/);
const place = matching(/^o[0-9a-f]{20}$/);
const brownOut = matching(/^t[0-9a-f]{10}$/);
const fingerprint = matching(/^[0-9a-f]{12}$/);
const request = matching(/^[0-9a-f]{16}$/);
const environment = oneOf("production", "test");
const role = oneOf("operator", "region", "owner", "vendor", "group", "auditor");
const step = oneOf("requested", "test_access", "agreement_accepted", "certificate_in_place", "test_shown", "production_access", "first_draw");
const head = object({ length: count, hash: digest });
const integer = between(-SAFE, SAFE);
const claimed = optional(ofLength(0, 80), "");
const approval = optional(id);
const isEmptyList = (value) => Array.isArray(value) && value.length === 0;

const by = { by: text, claimed };
const ofSystem = { system: id, ...by };
const jwk = object({ kty: oneOf("OKP"), crv: oneOf("Ed25519"), x: key, kid: key, use: oneOf("sig"), alg: oneOf("EdDSA") });
const range = { space: spaceName, first: number, last: number };
const parts = listOf(object({ first: number, last: number }));
const drawn = { series: rangeId, ...range, usable: figure, system: id, request_id: requestId, channel: id, purpose };
const digests = { digest_da: digest, digest_en: digest };

export const EVENTS = {
  organisation_added: { organisation: id, kind: oneOf("operator", "region", "vendor", "owner"), name },
  organisation_renamed: { organisation: id, name, ...by },
  organisation_merged: { organisation: id, into: id, systems: count, ...by },
  organisation_closed: { organisation: id, ...by },
  organisation_reopened: { organisation: id, ...by },
  organisation_region_set: { organisation: id, region: id, ...by },
  system_added: { system: id, name, vendor: name, owner: name, environment, ...by },
  system_suspended: { ...ofSystem, reason: text },
  system_resumed: { ...ofSystem, reason: text },
  system_limits_set: { ...ofSystem, smallest_draw: figure, largest_draw: figure, quota: orNull(figure), quota_days: orNull(count) },
  system_owner_set: { ...ofSystem, owner: name },
  system_vendor_set: { ...ofSystem, vendor: name },
  system_renamed: { ...ofSystem, name },
  system_closed: { ...ofSystem, reason: text },
  system_contact_set: { ...ofSystem, kind: oneOf("technical", "administrative", "on_call") },
  system_named: { ...ofSystem, source: id, alias: name },
  system_left_list: { ...ofSystem, source: id },
  system_back_on_list: { ...ofSystem, source: id },
  key_added: { holder: id, ended: count, ...by },
  certificate_bound: { ...ofSystem, certificate: digest },
  certificate_ended: { ...ofSystem, certificate: digest },
  subject_bound: { ...ofSystem, binding: digest, subject: said, issuer: text },
  subject_ended: { ...ofSystem, binding: digest },
  certificate_expiring: { system: id, certificate: digest, days: oneOf(7n, 30n, 90n) },
  security_levels_set: { ...ofSystem, levels: listOf(between(1n, 4n)) },
  signing_key_added: { kid: key, jwk, ...by },
  secrets_key_made: { key: fingerprint, ...by },
  secrets_rotated: { key: fingerprint, ...by },
  pool_contested: { pool: text, system: id, series: listOf(rangeId) },
  pool_rejoined: { pool: text, system: id },
  sunset_announced: { cut_off: time, reason: said, short_notice: truth, ...by },
  sunset_withdrawn: { reason: said, ...by },
  brown_out_announced: { brown_out: brownOut, starts_at: time, ends_at: time, reason: said, short_notice: truth, ...by },
  brown_out_cancelled: { brown_out: brownOut, reason: said, ...by },
  transport_exception_granted: { ...ofSystem, until: time, reason: said },
  transport_exception_ended: { ...ofSystem, reason: said },
  release_rhythm_stated: { vendor: id, release: date, every_months: between(1n, 60n), freeze_months: between(0n, 24n), work_weeks: between(0n, 260n), ...by },
  account_added: { account: id, role, organisation: orNull(id), approval, ...by },
  account_changed: { account: id, role, organisation: orNull(id), state: oneOf("active", "suspended"), approval, ...by },
  account_credential_set: { account: id, credential: oneOf("link", "password", "second_factor", "recovery_codes", "openid", "password_reset"), approval, ...by },
  account_email_changed: { account: id, ...by },
  account_vouched: { account: id, reason: said, ...by },
  approval_proposed: { approval: id, kind: id, wish: ofLength(0, 4000), reason: text, ...by },
  approval_decided: { approval: id, decision: oneOf("approved", "rejected", "withdrawn"), ...by },
  regrant_approved: { regrant: regrantId, series: rangeId, ...range, approval: id, ...by },
  rules_adopted: { rules: between(2n, SAFE), ...by },
  quarantine_policy_set: { days: between(365n, 36500n), approval, ...by },
  clock_accepted: { newest: time, reason: said, ...by },
  backup_seen: { taken: time, ...by },
  unit_set: { unit: id, region: id, name, ...by },
  system_care_set: { ...ofSystem, unit: orNull(id) },
  contacts_asked: ofSystem,
  contacts_confirmed: ofSystem,
  case_opened: { case: count, kind: oneOf("connection", "support"), system: orNull(id), ...by },
  case_changed: { case: count, what: oneOf("answered", "noted", "written_to", "closed", "reopened", "assigned", "linked"), ...by },
  standard_answer_set: { answer: id, ...by },
  standard_answer_retired: { answer: id, ...by },
  request_confirmed: { request, case: count, ...by },
  test_access_given: { request, ...ofSystem },
  production_access_given: { request, ...ofSystem, test: id, missing: listOf(step) },
  step_waived: { request, step, reason: text, ...by },
  request_refused: { request, reason: text, ...by },
  standard_list_imported: { list: digest, as_of: date, rows: count, systems: count, ...by },
  standard_version_set: { standard: name, version: name, valid_from: orNull(date), phase_out_from: orNull(date), valid_to: orNull(date), ...by },
  product_named: { product: id, name, vendor: name, ...by },
  product_released: { product: id, version: name, released_on: date, ...by },
  product_fault_noted: { product: id, version: name, severity: oneOf("critical", "serious", "minor"), mended_in: text, ...by },
  installation_set: { installation: id, product: id, owner: orNull(id), release: text, ...by },
  capability_set: { installation: id, standard: name, version: name, direction: oneOf("send", "receive", "webservice"), able: oneOf("yes", "no", "testing", "unknown"), since: date, ...by },
  key_offered: ofSystem,
  space_added: { ...range, environment, scheme: matching(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/), length: between(6n, 18n), weights: listOf(integer), modulus: integer, remainder: integer, ...by },
  space_default_set: { space: spaceName, environment, ...by },
  space_closed: { space: spaceName, ...by },
  space_opened: { space: spaceName, ...by },
  system_space_set: { ...ofSystem, space: spaceName, approval },
  series_granted: { ...drawn, skipped: optional((value) => parts(value) && !isEmptyList(value)), regrant: optional(regrantId), by: optional(text, ""), claimed },
  series_released: { series: rangeId, first: number, last: number, system: id, quarantine_until: time, by: optional(text, ""), claimed },
  range_imported: { range: rangeId, ...range, drawn_at: time, ...ofSystem },
  recovered: {
    reason: text,
    witness: head,
    database: head,
    cursors: listOf(object({ space: spaceName, before: figure, after: figure })),
    withheld: listOf(object({ range: rangeId, ...range })),
    shared: optional(count),
    longest: optional(count),
    ...by,
  },
  witness_rebuilt: { length: count, hash: digest, ...by },
  series_re_registered: {
    ...drawn,
    drawn_at: time,
    withheld: rangeId,
    left: listOf(object({ range: rangeId, first: number, last: number })),
    receipt_seq: between(1n, SAFE),
    receipt_hash: digest,
    ...by,
  },
  agreement_published: { agreement: id, version, ...digests, effective_from: date, notice_days: count, proposal: orNull(id), ...by },
  agreement_accepted: { acceptance, agreement: id, version, digest_da: digest, statement: digest, ...ofSystem },
  agreement_acceptance_ended: { acceptance, reason: text, ...ofSystem },
  agreement_dates_set: { agreement: id, version, inform_from: orNull(date), warn_from: orNull(date), refuse_from: orNull(date), ...by },
  agreement_respite_granted: { agreement: id, until: date, reason: text, ...ofSystem },
  requirement_shown: { requirement, met: truth, statement: digest, ...ofSystem },
  requirement_exempted: { requirement, until: date, reason: text, ...ofSystem },
  other_numbers_noted: { place, kind: oneOf("local_numbers", "internal_numbers", "unreadable_labels", "preprinted_rolls", "other"), ...ofSystem },
  other_numbers_ended: { place, ...ofSystem },
  agreement_change_proposed: { proposal: id, agreement: id, version, revision: between(1n, SAFE), forum: oneOf("user_group", "steering_group"), ...digests, ...by },
  agreement_change_commented: { proposal: id, section, statement: digest, ...by },
  agreement_change_need_said: { proposal: id, statement: digest, ...ofSystem },
  agreement_change_decided: { proposal: id, outcome: oneOf("adopted", "rejected", "withdrawn"), decided_on: date, minutes: text, effective_from: orNull(date), ...by },
};

// ---- Counting usable numbers ----------------------------------------------------------------------------------

/** A scheme's usable numbers: how many of the numbers below `end` pass, digit by digit from tables of remainders. */
class Scheme {
  constructor(length, weights, modulus, remainder) {
    Object.assign(this, { length, weights, modulus, remainder });
    // ways[k][r]: how many fillings of the last k digits have the sum r
    this.ways = [Array(modulus).fill(0n)];
    this.ways[0][0] = 1n;
    for (let k = 1; k <= length; k += 1) {
      const next = Array(modulus).fill(0n);
      for (let digit = 0; digit < 10; digit += 1) {
        const shift = this.rest(weights[length - k] * digit);
        for (let r = 0; r < modulus; r += 1) next[(r + shift) % modulus] += this.ways[k - 1][r];
      }
      this.ways.push(next);
    }
  }

  rest(sum) {
    return ((sum % this.modulus) + this.modulus) % this.modulus;
  }

  below(end) {
    if (end <= 0n) return 0n;
    if (end >= 10n ** BigInt(this.length)) return this.ways[this.length][this.remainder];
    const digits = String(end).padStart(this.length, "0");
    let sum = 0;
    let total = 0n;
    for (let place = 0; place < this.length; place += 1) {
      for (let digit = 0; digit < Number(digits[place]); digit += 1) {
        const wanted = this.rest(this.remainder - sum - this.weights[place] * digit);
        total += this.ways[this.length - place - 1][wanted];
      }
      sum = this.rest(sum + this.weights[place] * Number(digits[place]));
    }
    return total;
  }

  count(first, last) {
    return this.below(last + 1n) - this.below(first);
  }
}

// ---- Live ranges ----------------------------------------------------------------------------------------------

/** Disjoint ranges in order. */
class Ranges {
  constructor() {
    this.held = [];
  }

  /** How many ranges start at or before a number. */
  place(number) {
    let low = 0;
    let high = this.held.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.held[middle].first <= number) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  add(first, last) {
    const place = this.place(last);
    must(place === 0 || this.held[place - 1].last < first, `${first} to ${last} overlaps a range in use`);
    this.held.splice(place, 0, { first, last });
  }

  remove(first) {
    const place = this.place(first) - 1;
    must(place >= 0 && this.held[place].first === first, `no range starts at ${first}`);
    this.held.splice(place, 1);
  }

  holding(number) {
    const found = this.held[this.place(number) - 1];
    return found !== undefined && found.last >= number ? found : null;
  }

  cover(first, last) {
    for (let next = first; next <= last; ) {
      const found = this.holding(next);
      if (found === null) return false;
      next = found.last + 1n;
    }
    return true;
  }
}

// ---- The rules ------------------------------------------------------------------------------------------------

const REMARKS = {
  tied: "under the older rules: approvals by an account that may be the proposer's own",
  lone: "under the older rules: operators made, promoted, reset or activated again by one person",
  suspended: "under the older rules: releases by a suspended system",
  idle: "under the older rules: recoveries in which the witness knew no more than the database",
  short: "numbers granted again after a quarantine of less than 365 days",
};
const MICRO_DAY = BigInt(DAY) * 1000n;
const isShell = (who) => who === "init" || who.startsWith("admin:");
const single = (who) => {
  const match = /^account:([a-z0-9][a-z0-9-]{0,79})$/.exec(who);
  must(match !== null, `${who} is not the name of one account`);
  return match[1];
};
const versionNumber = (text) => {
  const [major, minor] = text.split(".").map(Number);
  return major * 10000 + minor;
};

class Rules {
  constructor() {
    this.adopted = false;
    this.policy = null;
    this.remarks = Object.fromEntries(Object.keys(REMARKS).map((name) => [name, 0]));
    this.granted = 0n;
    this.again = 0n;
    this.latest = null;
    this.latestRegrant = null;
    this.newestList = "";
    for (const name of [
      "organisations", "names", "systems", "keys", "certificates", "bindings", "exceptions", "accounts", "proposals", "units",
      "requests", "spaces", "series", "released", "given", "regrants", "withheld", "agreements", "acceptances", "places", "changes",
      "products", "installations",
    ]) this[name] = new Map();
    for (const name of ["brownOuts", "everOperators", "pairs", "limits", "cases", "retiredAnswers", "rangeIds", "drawn"]) this[name] = new Set();
    this.chain = [];
    this.announced = false;
    this.epoch = 0; // how many recoveries and rebuilt witnesses there were
    this.made = { account: "" };
  }

  breach(name, reason) {
    must(!this.adopted, reason);
    this.remarks[name] += 1;
  }

  apply(type, data, at, before) {
    this.type = type;
    this.at = at;
    this.before = before;
    const event = Object.fromEntries(data);
    this.checkBy(type, event.by);
    if (type !== "clock_accepted" && (this.latest === null || at > this.latest)) this.latest = at;
    if (type === "regrant_approved" && (this.latestRegrant === null || at > this.latestRegrant)) this.latestRegrant = at;
    this[type](event);
  }

  close(at) {
    for (const found of [this.latest, this.latestRegrant]) {
      must(found === null || found <= at + 60000000n, "an entry is later than the checkpoint by more than a minute");
    }
  }

  summary() {
    const remarks = Object.keys(REMARKS).filter((name) => this.remarks[name] > 0);
    return {
      numbers_granted: this.granted,
      numbers_granted_again: this.again,
      remarks: remarks.map((name) => `${REMARKS[name]}: ${this.remarks[name]}`),
    };
  }

  // -- who did it

  namesIn(who) {
    if (who === undefined || isShell(who) || !/account[ \t]*:/i.test(who)) return [];
    const names = who.split(", ").map(single);
    must(names.length <= 2 && new Set(names).size === names.length, `${who} names neither one account nor two`);
    for (const each of names) this.account(each);
    return names;
  }

  checkBy(type, who) {
    const names = this.namesIn(who);
    if (type === "series_granted" || type === "series_released") {
      must(who === undefined || names.length === 1, `${who} is not one account`);
    } else if (type === "recovered" || type === "witness_rebuilt") {
      if (names.length === 0) return;
      must(names.length === 2, "one account recovered alone");
      for (const each of names) this.operator(each);
      if (this.mayBeOne(...names)) this.breach("tied", "a recovery by two accounts that may be one person's");
    } else if (names.length > 1) must(this.pairs.has(who), `no proposal was made and approved by ${who}`);
  }

  account(account) {
    must(this.accounts.has(account), `the account ${account} was never added`);
    return this.accounts.get(account);
  }

  operator(account) {
    const { role, active } = this.account(account);
    must(role === "operator" && active, `the account ${account} is not an active operator's`);
  }

  above(account) {
    const above = new Set([account]);
    for (const each of above) {
      const { tied, changed } = this.account(each);
      for (const other of tied) above.add(other);
      for (const [other, at] of changed) if (this.at - at < 30n * MICRO_DAY) above.add(other);
    }
    return above;
  }

  mayBeOne(first, second) {
    const above = this.above(first);
    return [...this.above(second)].some((each) => above.has(each));
  }

  needsRules() {
    must(this.adopted, `${this.type} before any rules were adopted`);
  }

  // -- organisations, systems, keys

  organisation(organisation, kind) {
    const known = this.organisations.get(organisation);
    const there = known !== undefined && known.into === null && (kind === undefined || known.kind === kind);
    must(there, `there is no ${kind ?? "organisation"} ${organisation}`);
    return known;
  }

  named(kind, called) {
    const organisation = this.names.get(`${kind} ${called}`);
    const known = this.organisations.get(organisation);
    must(known !== undefined && known.called === called, `the ${kind} ${called} was never added, or has another name`);
    must(known.open, `the ${kind} ${called} was closed`);
    return organisation;
  }

  /** The organisation that one is now: itself, or the one it was merged into. */
  now(organisation) {
    for (let known = this.organisations.get(organisation); known?.into; known = this.organisations.get(organisation)) {
      organisation = known.into;
    }
    return organisation;
  }

  system(system) {
    must(this.systems.has(system), `the system ${system} was never added`);
    return this.systems.get(system);
  }

  openSystem(system) {
    must(this.system(system).open, `the system ${system} was closed`);
    return this.system(system);
  }

  organisation_added({ organisation, kind, name: called }) {
    must(!this.organisations.has(organisation) && !this.names.has(`${kind} ${called}`), `${organisation} is there already`);
    this.organisations.set(organisation, { kind, called, region: null, open: true, into: null });
    this.names.set(`${kind} ${called}`, organisation);
  }

  organisation_renamed({ organisation, name: called }) {
    const known = this.organisation(organisation);
    const holder = this.names.get(`${known.kind} ${called}`) ?? organisation;
    must(holder === organisation && known.called !== called, `the name ${called} is, or was, that of ${holder}`);
    this.names.set(`${known.kind} ${called}`, organisation);
    known.called = called;
  }

  organisation_merged({ organisation, into, systems }) {
    const [known, other] = [this.organisation(organisation), this.organisation(into)];
    must(organisation !== into && known.kind === other.kind && other.open, `${organisation} can't be merged into ${into}`);
    const mine = [...this.systems.values()].filter(({ vendor, owner }) => vendor === organisation || owner === organisation);
    must(BigInt(mine.length) === systems, `${organisation} had ${mine.length} systems`);
    for (const system of mine) {
      if (system.vendor === organisation) system.vendor = into;
      if (system.owner === organisation) system.owner = into;
    }
    for (const [called, holder] of this.names) if (holder === organisation) this.names.set(called, into);
    for (const each of this.organisations.values()) if (each.region === organisation) each.region = into;
    other.region ??= known.region;
    known.into = into;
  }

  organisation_closed({ organisation }) {
    const known = this.organisation(organisation);
    must(known.open, `${organisation} was closed before`);
    for (const { open, vendor, owner } of this.systems.values()) {
      const theirs = [vendor, owner, this.organisations.get(owner).region];
      must(!open || !theirs.includes(organisation), `${organisation} was closed and had an open system`);
    }
    known.open = false;
  }

  organisation_reopened({ organisation }) {
    const known = this.organisation(organisation);
    must(!known.open, `${organisation} was not closed`);
    known.open = true;
  }

  organisation_region_set({ organisation, region }) {
    must(this.organisation(region, "region").open, `the region ${region} was closed`);
    this.organisation(organisation, "owner").region = region;
  }

  system_added({ system, vendor, owner, environment: of }) {
    must(!this.systems.has(system) && system !== "operator", `the system ${system} is there already`);
    const [vendorId, ownerId] = [this.named("vendor", vendor), this.named("owner", owner)];
    this.systems.set(system, {
      environment: of, vendor: vendorId, owner: ownerId, active: true, open: true, listed: new Map(),
    });
  }

  setActive(system, active) {
    const known = this.openSystem(system);
    must(known.active !== active, `the system ${system} is so already`);
    known.active = active;
  }

  system_suspended({ system }) {
    this.setActive(system, false);
  }

  system_resumed({ system }) {
    this.setActive(system, true);
  }

  system_limits_set({ system, by: who, smallest_draw, largest_draw, quota, quota_days }) {
    this.system(system);
    const [smallest, largest] = [BigInt(smallest_draw), BigInt(largest_draw)];
    must(smallest >= 1n && smallest <= largest, "limits the wrong way round");
    must((quota === null) === (quota_days === null), "a quota without its days");
    if (this.namesIn(who).length < 2) return;
    const wish = new Map(Object.entries({
      system, smallest_draw: smallest, largest_draw: largest, quota: quota === null ? null : BigInt(quota), quota_days,
    }));
    must(this.limits.has(`${who} ${canonical(wish)}`), `these limits were not approved by ${who}`);
  }

  system_owner_set({ system, owner }) {
    this.openSystem(system).owner = this.named("owner", owner);
  }

  system_vendor_set({ system, vendor }) {
    this.openSystem(system).vendor = this.named("vendor", vendor);
  }

  system_renamed({ system }) {
    this.openSystem(system);
  }

  system_closed({ system }) {
    const known = this.openSystem(system);
    const stands = [...this.certificates.values(), ...this.bindings.values()].includes(system);
    must(!stands, `a certificate stood for ${system} when it was closed`);
    known.open = known.active = false;
    this.keys.set(system, 0n);
  }

  system_contact_set({ system }) {
    this.system(system);
  }

  system_named({ system, source }) {
    const { listed } = this.system(system);
    if (!listed.has(source)) listed.set(source, true);
  }

  setListed(system, source, listed) {
    const known = this.system(system).listed;
    must(known.get(source) === !listed, `the system ${system} was not ${listed ? "off" : "on"} the list`);
    known.set(source, listed);
  }

  system_left_list({ system, source }) {
    this.setListed(system, source, false);
  }

  system_back_on_list({ system, source }) {
    this.setListed(system, source, true);
  }

  key_added({ holder, ended }) {
    if (holder !== "operator") this.openSystem(holder);
    const left = (this.keys.get(holder) ?? 0n) - ended;
    must(left >= 0n && left < 2n, `${holder} has more than two keys, or more ended than it had`);
    this.keys.set(holder, left + 1n);
  }

  certificate_bound({ system, certificate }) {
    this.openSystem(system);
    must(!this.certificates.has(certificate), "the certificate was bound already");
    this.certificates.set(certificate, system);
  }

  certificate_ended({ system, certificate }) {
    must(this.certificates.get(certificate) === system, "the certificate was not bound to the system");
    this.certificates.delete(certificate);
  }

  subject_bound({ system, binding, subject, issuer }) {
    this.openSystem(system);
    must(binding === sha256(`${subject}\n${issuer}`), "the binding is not the digest of subject and issuer");
    must(!this.bindings.has(binding), "the subject was bound already");
    this.bindings.set(binding, system);
  }

  subject_ended({ system, binding }) {
    must(this.bindings.get(binding) === system, "the subject was not bound to the system");
    this.bindings.delete(binding);
  }

  certificate_expiring({ system }) {
    this.system(system);
  }

  security_levels_set({ system, levels }) {
    this.system(system);
    must(levels.length > 0 && levels.every((level, place) => place === 0 || level > levels[place - 1]), "levels out of order");
  }

  signing_key_added() {} // the chain looks after keys

  secrets_key_made() {} // its form says it all

  secrets_rotated() {} // as above

  pool_contested({ system }) {
    this.system(system);
  }

  pool_rejoined({ system }) {
    this.system(system);
  }

  // -- transport

  sunset_announced() {
    this.announced = true;
  }

  sunset_withdrawn() {
    must(this.announced, "no end of plain HTTP was announced");
    this.announced = false;
  }

  brown_out_announced({ brown_out, starts_at, ends_at }) {
    must(this.announced, "no end of plain HTTP was announced");
    must(!this.brownOuts.has(brown_out), "the brown-out was announced already");
    must(instant(starts_at) < instant(ends_at), "the brown-out ends before it starts");
    this.brownOuts.add(brown_out);
  }

  brown_out_cancelled({ brown_out }) {
    must(this.brownOuts.delete(brown_out), "the brown-out was not announced");
  }

  transport_exception_granted({ system }) {
    this.system(system);
    this.exceptions.set(system, true);
  }

  transport_exception_ended({ system }) {
    must(this.exceptions.delete(system), `${system} had no exception`);
  }

  release_rhythm_stated({ vendor }) {
    this.organisation(vendor, "vendor");
  }

  // -- people

  mayAct(who) {
    const names = this.namesIn(who);
    must(names.length > 0 || isShell(who) || who === "openid", `${who} is nobody who may act on accounts`);
    for (const each of names) this.operator(each);
  }

  fits(of, organisation) {
    must(["region", "owner", "vendor"].includes(of) === (organisation !== null), "the organisation does not fit the role");
    if (organisation !== null) this.organisation(organisation, of);
  }

  noteOperator(account) {
    const { role: of, active } = this.account(account);
    if (of === "operator" && active) this.everOperators.add(account);
  }

  tie(account, who) {
    for (const each of this.namesIn(who)) if (each !== account) this.account(account).tied.add(each);
  }

  tieForNow(account, who) {
    const { changed } = this.account(account);
    for (const each of this.namesIn(who)) {
      if (each !== account && !(changed.get(each) > this.at)) changed.set(each, this.at);
    }
  }

  grave(event, act, { needed, uses = true }) {
    if (event.approval === undefined) {
      if (needed && !isShell(event.by)) this.breach("lone", `the operator ${event.account} was changed by ${event.by} alone`);
      return;
    }
    this.needsRules();
    const proposal = this.approved(event.approval, "operator", event.by);
    must(proposal.wish.get("account") === event.account && proposal.wish.get("act") === act, "the proposal is about another act");
    proposal.used = uses;
  }

  account_added(event) {
    const { account, role: of, organisation, by: who } = event;
    this.mayAct(who);
    const needed = of === "operator" && this.everOperators.size > 1;
    must(event.approval === undefined || of === "operator", "two people agreed on an operator, and the account is none");
    must(!this.accounts.has(account), `the account ${account} is there already`);
    this.fits(of, organisation);
    this.accounts.set(account, { role: of, active: true, tied: new Set(), changed: new Map() });
    this.noteOperator(account);
    this.grave(event, "make", { needed, uses: false });
    this.tie(account, who);
    this.made = event;
  }

  account_changed(event) {
    const { account, role: of, organisation, state, by: who } = event;
    this.mayAct(who);
    const known = this.account(account);
    const promoted = of === "operator" && known.role !== "operator";
    const again = of === "operator" && known.role === "operator" && state === "active" && !known.active;
    const needed = (promoted || again) && this.everOperators.size > 1;
    const agreed = event.approval === undefined || (state === "active" && (promoted || again));
    must(agreed, "two people agreed on an operator, and something else was done");
    this.fits(of, organisation);
    known.role = of;
    known.active = state === "active";
    this.noteOperator(account);
    this.grave(event, promoted ? "promote" : "reactivate", { needed });
    if (promoted) this.tie(account, who);
    else this.tieForNow(account, who);
  }

  account_credential_set(event) {
    const { account, credential, by: who } = event;
    const known = this.account(account);
    if (credential === "password_reset") {
      this.needsRules();
      must(who === `account:${account}` && event.approval === undefined, `the password of ${account} was set by e-mail, and by ${who}`);
      if (!(known.reset > this.at)) known.reset = this.at;
      return;
    }
    if (this.made.account === account && this.made.by === who && credential === "link") {
      must(this.made.approval === event.approval, "the account was made on another approval than its link");
      this.made = { account: "" };
      this.grave(event, "make", { needed: false });
      return;
    }
    must(event.approval === undefined || (known.role === "operator" && known.active), "two people agreed on a reset of no active operator");
    const own = who === `account:${account}`;
    if (!own) {
      this.mayAct(who);
      must(credential === "link" || isShell(who), `the ${credential} of ${account} was set by ${who}`);
    }
    this.grave(event, "reset", { needed: !own && known.role === "operator" && this.everOperators.size > 1 });
    this.tie(account, who);
  }

  account_email_changed({ account, by: who }) {
    this.needsRules();
    this.account(account);
    this.tieForNow(account, who);
  }

  signsInAsBefore(account) {
    const { reset } = this.account(account);
    must(reset === undefined || this.at - reset >= MICRO_DAY, `${account} decided within a day after its password was set by e-mail`);
  }

  account_vouched({ account, by: who }) {
    this.needsRules();
    const known = this.account(account);
    if (!isShell(who)) {
      const voucher = single(who);
      this.operator(voucher);
      this.signsInAsBefore(voucher);
      must(!this.mayBeOne(account, voucher), "an account was vouched for by what may be the same person's");
    }
    known.tied.clear();
  }

  approval_proposed({ approval: proposal, kind, wish, by: who }) {
    must(!this.proposals.has(proposal), `the proposal ${proposal} is there already`);
    this.operator(single(who));
    const wanted = parse(wish);
    must(wanted instanceof Map && canonical(wanted) === wish, "the wish is not an object in canonical form");
    this.proposals.set(proposal, { kind, wish: wanted, by: who, state: "open", tied: false, used: false });
  }

  approval_decided({ approval: proposal, decision, by: who }) {
    const found = this.proposals.get(proposal);
    must(found !== undefined && found.state === "open", `the proposal ${proposal} is not open`);
    must((decision === "withdrawn") === (found.by === who), `the proposal ${proposal} was ${decision} by ${who}`);
    this.operator(single(who));
    found.state = decision;
    if (decision !== "approved") return;
    this.signsInAsBefore(single(who));
    found.tied = this.mayBeOne(single(found.by), single(who));
    if (found.tied) this.breach("tied", `the proposal ${proposal} was approved by an account that the proposer made or changed`);
    found.by = `${found.by}, ${who}`;
    this.pairs.add(found.by);
    if (found.kind === "limits") this.limits.add(`${found.by} ${canonical(found.wish)}`);
  }

  approved(proposal, kind, who) {
    const found = this.proposals.get(proposal);
    const fits = found !== undefined && found.state === "approved" && found.kind === kind && !found.used;
    must(fits, `no proposal ${proposal} of the kind ${kind} was approved, or it was used before`);
    must(found.by === who, `the proposal ${proposal} was not made and approved by ${who}`);
    return found;
  }

  rules_adopted({ rules, by: who }) {
    must(rules === 2n && !this.adopted && isShell(who), "rules that are not known, twice, or not adopted at the shell");
    this.adopted = true;
  }

  quarantine_policy_set({ days, approval: proposal, by: who }) {
    if (proposal === undefined) {
      must(this.policy === null && isShell(who), "the policy of quarantine was set without two people's approval");
      must(days === 3650n, "the first policy of quarantine is not of 3650 days");
    } else {
      const found = this.approved(proposal, "quarantine", who);
      must(found.wish.size === 1 && found.wish.get("days") === days, "the proposal is about another quarantine");
      found.used = true;
    }
    this.policy = days;
  }

  clock_accepted({ newest, by: who }) {
    for (const each of this.namesIn(who)) this.operator(each);
    this.needsRules();
    must(instant(newest) === this.latest, "newest is not the latest time of the entries that were accepted");
    this.latest = this.at;
  }

  backup_seen({ taken, by: who }) {
    for (const each of this.namesIn(who)) this.operator(each);
    must(instant(taken) <= this.at + 60000000n, "a backup was noted before it was taken");
  }

  // -- units, cases, requests

  unit_set({ unit, region }) {
    this.organisation(region, "region");
    if (!this.units.has(unit)) this.units.set(unit, region);
    must(this.now(this.units.get(unit)) === region, `the unit ${unit} belongs to another region`);
  }

  system_care_set({ system, unit }) {
    this.system(system);
    must(unit === null || this.units.has(unit), `the unit ${unit} was never added`);
  }

  // -- standards, products, installations

  product(product) {
    must(this.products.has(product), `the product ${product} was never named`);
    return this.products.get(product);
  }

  productRelease(product, called) {
    must(this.product(product).has(called), `the product ${product} has no release ${called}`);
  }

  standard_list_imported({ as_of: asOf }) {
    must(asOf >= this.newestList, "a list of a later day was imported before");
    this.newestList = asOf;
  }

  standard_version_set({ valid_from: from, phase_out_from: phaseOut, valid_to: to }) {
    const days = [from, phaseOut, to].filter((each) => each !== null);
    must(days.every((each, place) => place === 0 || days[place - 1] <= each), "the days are not in their order");
  }

  product_named({ product }) {
    if (!this.products.has(product)) this.products.set(product, new Set());
  }

  product_released({ product, version: called }) {
    this.product(product).add(called);
  }

  product_fault_noted({ product, version: called }) {
    this.productRelease(product, called);
  }

  installation_set({ installation, product, owner, release }) {
    this.product(product);
    if (release !== "") this.productRelease(product, release);
    if (owner !== null) this.organisation(owner, "owner");
    if (!this.installations.has(installation)) this.installations.set(installation, product);
    must(this.installations.get(installation) === product, `the installation ${installation} is of another product`);
  }

  capability_set({ installation }) {
    must(this.installations.has(installation), `the installation ${installation} was never added`);
  }

  contacts_asked({ system }) {
    this.system(system);
  }

  contacts_confirmed({ system }) {
    this.system(system);
  }

  case_opened({ case: opened, system }) {
    must(!this.cases.has(opened), `the case ${opened} was opened before`);
    if (system !== null) this.system(system);
    this.cases.add(opened);
  }

  case_changed({ case: changed }) {
    this.cases.add(changed);
  }

  standard_answer_set({ answer }) {
    this.retiredAnswers.delete(answer);
  }

  standard_answer_retired({ answer }) {
    must(!this.retiredAnswers.has(answer), `the standard answer ${answer} was retired before`);
    this.retiredAnswers.add(answer);
  }

  request_confirmed({ request: confirmed, case: opened }) {
    must(!this.requests.has(confirmed) && this.cases.has(opened), "the request was confirmed before, or its case never opened");
    this.requests.set(confirmed, true);
  }

  confirmed(asked) {
    must(this.requests.has(asked), `the request ${asked} was never confirmed`);
  }

  systemOf(system, of) {
    must(this.system(system).environment === of, `${system} is no system of ${of}`);
  }

  test_access_given({ request: asked, system }) {
    this.confirmed(asked);
    this.systemOf(system, "test");
  }

  production_access_given({ request: asked, system, test }) {
    this.confirmed(asked);
    this.systemOf(test, "test");
    this.systemOf(system, "production");
  }

  step_waived({ request: asked }) {
    this.confirmed(asked);
  }

  request_refused({ request: asked }) {
    this.confirmed(asked);
  }

  key_offered({ system }) {
    this.system(system);
  }

  // -- numbers

  space_added(event) {
    const [length, modulus, remainder] = [event.length, event.modulus, event.remainder].map(Number);
    must(!this.spaces.has(event.space), `the space ${event.space} is there already`);
    const sound = modulus >= 2 && modulus <= 999 && remainder >= 0 && remainder < modulus && event.weights.length === length;
    must(sound && event.weights.every((weight) => weight >= -1000000n && weight <= 1000000n), "the scheme is not valid");
    must(event.first.length === length && event.last.length === length && event.first <= event.last, "the range is not valid");
    const [first, last] = [BigInt(event.first), BigInt(event.last)];
    for (const other of this.spaces.values()) {
      must(other.scheme.length !== length || other.last < first || other.first > last, "the space overlaps another");
    }
    const scheme = new Scheme(length, event.weights.map(Number), modulus, remainder);
    this.spaces.set(event.space, { name: event.space, environment: event.environment, scheme, first, last, cursor: first, open: true, live: new Ranges() });
  }

  space_default_set({ space: called, environment: of }) {
    const space = this.space(called);
    must(space.environment === of && space.open, `${called} is no open space of ${of}`);
  }

  turn(called, open) {
    const space = this.space(called);
    must(space.open !== open, `the space ${called} is so already`);
    space.open = open;
  }

  space_closed({ space: called }) {
    this.turn(called, false);
  }

  space_opened({ space: called }) {
    this.turn(called, true);
  }

  system_space_set(event) {
    const space = this.environmentOf(event);
    if (event.approval === undefined) {
      must(space.environment !== "production", `${event.system} was moved without two people's approval`);
      return;
    }
    const found = this.approved(event.approval, "space", event.by);
    const same = ["system", "space"].every((member) => found.wish.get(member) === event[member]);
    must(same && found.wish.size === 2, "the proposal is about another system or space");
    found.used = true;
  }

  space(called) {
    must(this.spaces.has(called), `the space ${called} was never added`);
    return this.spaces.get(called);
  }

  rangeOf(space, { first, last }) {
    const { length } = space.scheme;
    must(first.length === length && last.length === length, `the numbers of ${space.name} have ${length} digits`);
    const [from, to] = [BigInt(first), BigInt(last)];
    must(from <= to, "the range ends before it starts");
    must(from >= space.first && to <= space.last, `the range leaves its space ${space.name}`);
    return [from, to];
  }

  newRange(range, letter) {
    must(range[0] === letter && !this.rangeIds.has(range), `the range id ${range} is not new, or not one of its kind`);
    this.rangeIds.add(range);
  }

  environmentOf(event) {
    const space = this.space(event.space);
    must(this.system(event.system).environment === space.environment, "the system and the space are of two environments");
    return space;
  }

  addSeries(event, space, first, last, { former, taken = false }) {
    must(String(space.scheme.count(first, last)) === event.usable, `usable is not what the scheme of ${space.name} counts`);
    const asked = `${event.system} ${event.channel} ${event.request_id}`;
    must(!this.drawn.has(asked), `the request id ${event.request_id} was granted before`);
    this.newRange(event.series, "s");
    if (former === undefined) space.live.add(first, last);
    else this.again += last - first + 1n;
    this.drawn.add(asked);
    this.granted += last - first + 1n;
    const holders = new Set([...(former ?? []), event.system]);
    this.series.set(event.series, { system: event.system, space, first, heldTo: last, holders, taken, epoch: this.epoch });
  }

  series_granted(event) {
    const space = this.environmentOf(event);
    must(this.system(event.system).active, `the system ${event.system} was suspended`);
    must(space.open, `the space ${space.name} was closed`);
    const [first, last] = this.rangeOf(space, event);
    if (event.regrant !== undefined) {
      const free = this.regrants.get(event.regrant);
      must(free !== undefined && free.space === space, `the regrant ${event.regrant} was never approved in this space`);
      must(first === free.cursor && last <= free.last, "the series does not start at the regrant's cursor, or leaves it");
      must(!free.holders.has(event.system), `${event.system} had these numbers before`);
      must(event.skipped === undefined, "a series of a regrant skips nothing");
      free.cursor = last + 1n;
      this.addSeries(event, space, first, last, { former: free.holders });
      return;
    }
    let start = space.cursor;
    for (const jump of event.skipped ?? []) {
      const [from, to] = this.rangeOf(space, Object.fromEntries(jump));
      const held = space.live.holding(to);
      must(from === start && held !== null && held.last === to, "the cursor jumped what is not up to a range in use");
      start = to + 1n;
    }
    must(first === start, `the series starts at ${first}, but the cursor of ${space.name} stood at ${start}`);
    this.addSeries(event, space, first, last, {});
    space.cursor = last + 1n;
  }

  series_released(event) {
    const found = this.series.get(event.series);
    must(found !== undefined, `the series ${event.series} was never granted`);
    must(found.system === event.system, `${event.system} released another's series`);
    const [first, last] = this.rangeOf(found.space, event);
    must(first >= found.first && last === found.heldTo, "the release is not the tail of what was still held");
    const { open, active } = this.system(event.system);
    if (open && !active) this.breach("suspended", `the suspended system ${event.system} released`);
    const until = instant(event.quarantine_until);
    must(until >= this.at + (this.policy ?? 0n) * MICRO_DAY - 1000000n, "the quarantine is shorter than the policy, or ends before its release");
    found.heldTo = first - 1n;
    if (!this.released.has(event.series)) this.released.set(event.series, []);
    this.released.get(event.series).push({ first, last, at: this.at, until });
  }

  regrant_approved(event) {
    const proposal = this.approved(event.approval, "regrant", event.by);
    const { wish } = proposal;
    const same = ["series", "first", "last"].every((member) => wish.get(member) === event[member]);
    must(wish.size === 3 && same, "the proposal is about other numbers");
    must(!proposal.tied, "the regrant was approved by an account that the proposer made or changed");
    proposal.used = true;
    const found = this.series.get(event.series);
    must(found !== undefined, `the series ${event.series} was never granted`);
    must(found.space.name === event.space, "the series is of another space");
    must(found.epoch === this.epoch && !found.taken, "the series is older than a recovery, or came back by its receipt");
    const [first, last] = this.rangeOf(found.space, event);
    must(!this.regrants.has(event.regrant), `the regrant ${event.regrant} is there already`);
    const some = (this.released.get(event.series) ?? []).filter((part) => part.first <= last && part.last >= first);
    let covered = 0n;
    for (const part of some) {
      covered += (part.last < last ? part.last : last) - (part.first > first ? part.first : first) + 1n;
      must(part.until <= this.at, "numbers of the regrant are in quarantine");
    }
    must(covered === last - first + 1n, "numbers of the regrant are still held, or never were");
    if (some.some((part) => this.at - part.at < 365n * MICRO_DAY)) {
      must(this.policy === null, "numbers of the regrant were released less than 365 days before");
      this.remarks.short += 1;
    }
    if (!this.given.has(event.series)) this.given.set(event.series, []);
    const given = this.given.get(event.series);
    must(given.every((part) => part.first > last || part.last < first), "numbers of the regrant were given free before");
    given.push({ first, last });
    this.regrants.set(event.regrant, { space: found.space, holders: found.holders, cursor: first, last });
  }

  range_imported(event) {
    const space = this.environmentOf(event);
    const [first, last] = this.rangeOf(space, event);
    this.newRange(event.range, "i");
    space.live.add(first, last);
  }

  withhold(space, part, lost, holders) {
    const [first, last] = this.rangeOf(space, part);
    this.newRange(part.range, "w");
    if (holders === undefined) space.live.add(first, last);
    this.withheld.set(part.range, { space, first, last, lost, holders });
    return [first, last];
  }

  leftOf(space, part) {
    const [first, last] = this.rangeOf(space, part);
    for (const free of this.regrants.values()) {
      if (free.space === space && free.cursor === first && free.last === last) {
        free.cursor = last + 1n;
        return free.holders;
      }
    }
    return undefined;
  }

  recovered({ witness, database, cursors, withheld, shared, longest }) {
    must(this.before.length === database.get("length") && this.before.hash === database.get("hash"), "the recovery names another head");
    const [length, knew] = [database.get("length"), witness.get("length")];
    must(shared === undefined || shared < length, "shared is not shorter than the ledger");
    must(longest === undefined || longest > (shared ?? length), "longest is not longer than what is shared");
    const to = longest !== undefined && longest > knew ? longest : knew;
    const lost = { after: shared ?? length, to, several: longest !== undefined, back: new Set() };
    if (knew <= length) {
      const same = (knew === 0n ? GENESIS : this.chain[Number(knew) - 1]) === witness.get("hash");
      const more = shared !== undefined && knew > shared && !same;
      must(more || (cursors.length === 0 && withheld.length === 0), "the witness knew no more than the database");
      if (same) this.breach("idle", "the witness knew no more than the database");
    }
    const fresh = [];
    for (const each of withheld) {
      const part = Object.fromEntries(each);
      const space = this.space(part.space);
      const holders = this.leftOf(space, part);
      const [first, last] = this.withhold(space, part, lost, holders);
      if (holders === undefined) fresh.push({ space, first, last });
    }
    for (const part of fresh) must(part.first >= part.space.cursor, "the recovery withholds numbers behind the cursor");
    const moved = new Map();
    for (const each of cursors) {
      const move = Object.fromEntries(each);
      const space = this.space(move.space);
      const [from, to] = [BigInt(move.before), BigInt(move.after)];
      const ahead = from === space.cursor && from < to && to <= space.last + 1n;
      must(!moved.has(space) && ahead, `the recovery moves the cursor of ${space.name} wrongly`);
      must(space.live.cover(from, to - 1n), `the recovery skips numbers of ${space.name} without withholding them`);
      moved.set(space, to);
      space.cursor = to;
    }
    for (const { space, first, last } of fresh) {
      const to = moved.get(space);
      must(to === undefined || to <= first || last < to, "the recovery withholds a range on both sides of the cursor");
    }
    this.closeRegrants();
  }

  witness_rebuilt({ length, hash }) {
    must(this.before.length === length && this.before.hash === hash, "the rebuilt witness names another head");
    this.closeRegrants();
  }

  closeRegrants() {
    for (const free of this.regrants.values()) free.cursor = free.last + 1n;
    this.epoch += 1;
  }

  series_re_registered(event) {
    const space = this.environmentOf(event);
    const [first, last] = this.rangeOf(space, event);
    const part = this.withheld.get(event.withheld);
    must(part !== undefined && part.space === space, `${event.withheld} is not withheld in ${space.name}`);
    must(first >= part.first && last <= part.last, "the series leaves the withheld range");
    must(part.holders === undefined || !part.holders.has(event.system), `${event.system} had these numbers before`);
    const seq = event.receipt_seq;
    const receipt = part.lost.several ? `${seq} ${event.receipt_hash}` : String(seq);
    must(seq > part.lost.after && seq <= part.lost.to && !part.lost.back.has(receipt), "the receipt is not of the time that was lost, or was used before");
    part.lost.back.add(receipt);
    this.withheld.delete(event.withheld);
    if (part.holders === undefined) space.live.remove(part.first);
    const rest = [[part.first, first - 1n], [last + 1n, part.last]].filter(([from, to]) => from <= to);
    const left = event.left.map((each) => Object.fromEntries(each));
    const fits = left.length === rest.length && left.every((each, n) => BigInt(each.first) === rest[n][0] && BigInt(each.last) === rest[n][1]);
    must(fits, "what is left of the withheld range does not fit the series");
    for (const each of left) this.withhold(space, each, part.lost, part.holders);
    this.addSeries(event, space, first, last, { former: part.holders, taken: true });
  }

  // -- agreements

  published(agreement, wanted) {
    const found = this.agreements.get(agreement)?.get(versionNumber(wanted));
    must(found !== undefined, `version ${wanted} of ${agreement} was never published`);
    return found;
  }

  agreement_published(event) {
    if (!this.agreements.has(event.agreement)) this.agreements.set(event.agreement, new Map());
    const known = this.agreements.get(event.agreement);
    const wanted = versionNumber(event.version);
    const latest = Math.max(...known.keys());
    must(known.size === 0 || wanted > latest, "the version is not later than those before");
    must(known.size === 0 || event.effective_from >= known.get(latest).effective_from, "the version takes effect before the one it follows");
    if (event.proposal !== null) {
      const found = this.changes.get(event.proposal);
      const members = ["agreement", "version", "digest_da", "digest_en", "effective_from"];
      const same = found !== undefined && found.state === "adopted" && members.every((member) => found[member] === event[member]);
      must(same, `the version is not what the proposal ${event.proposal} was adopted as`);
    }
    known.set(wanted, event);
  }

  agreement_accepted(event) {
    this.system(event.system);
    must(this.published(event.agreement, event.version).digest_da === event.digest_da, "another text was accepted");
    must(!this.acceptances.has(event.acceptance), `the acceptance ${event.acceptance} is there already`);
    this.acceptances.set(event.acceptance, event.system);
  }

  agreement_acceptance_ended({ acceptance: ended, system }) {
    must(this.acceptances.get(ended) === system, `the acceptance ${ended} is not in force`);
    this.acceptances.set(ended, null);
  }

  agreement_dates_set(event) {
    const found = this.published(event.agreement, event.version);
    const stages = [event.inform_from, event.warn_from, event.refuse_from].filter((stage) => stage !== null);
    must(stages.every((stage, n) => n === 0 || stage >= stages[n - 1]), "a later stage begins before an earlier one");
    must(event.refuse_from === null || event.refuse_from >= found.effective_from, "the version refuses before it takes effect");
  }

  agreement_respite_granted({ agreement, system }) {
    this.system(system);
    must(this.agreements.has(agreement), `the agreement ${agreement} was never published`);
  }

  requirement_shown({ system }) {
    this.system(system);
  }

  requirement_exempted({ system }) {
    this.system(system);
  }

  other_numbers_noted({ place: noted, system }) {
    this.system(system);
    must(!this.places.has(noted), `the place ${noted} is noted already`);
    this.places.set(noted, system);
  }

  other_numbers_ended({ place: ended, system }) {
    must(this.places.get(ended) === system, `the place ${ended} is not noted, or has ended`);
    this.places.set(ended, null);
  }

  agreement_change_proposed(event) {
    const found = this.changes.get(event.proposal);
    if (found === undefined) must(event.revision === 1n, "the proposal does not begin with draft 1");
    else {
      const same = found.agreement === event.agreement && found.forum === event.forum;
      must(same && found.state === "open" && event.revision === found.revision + 1n, "the proposal can't have this draft");
    }
    this.changes.set(event.proposal, { ...event, state: "open", effective_from: null });
  }

  open(proposal) {
    const found = this.changes.get(proposal);
    must(found !== undefined && found.state === "open", `the proposal ${proposal} is not open`);
    return found;
  }

  agreement_change_commented({ proposal }) {
    this.open(proposal);
  }

  agreement_change_need_said({ proposal, system }) {
    this.system(system);
    this.open(proposal);
  }

  agreement_change_decided({ proposal, outcome, effective_from }) {
    const found = this.open(proposal);
    must((outcome === "adopted") === (effective_from !== null), "the outcome does not fit the day of effect");
    Object.assign(found, { state: outcome, effective_from });
  }
}

// ---- The chain ------------------------------------------------------------------------------------------------

const ENTRY = ["seq", "at", "type", "data", "previous", "hash"];
const isExact = (part) => /^[A-Za-z0-9_-]*$/.test(part) && base64url(Buffer.from(part, "base64url")) === part;
const soonEnough = (at) => at !== null && Number(at / 1000n) < Date.UTC(3000, 0, 1);

class Proof {
  constructor() {
    this.length = 0n;
    this.hash = GENESIS;
    this.keys = new Map();
    this.current = null;
    this.rules = new Rules();
    this.done = null;
  }

  take(line) {
    must(this.done === null, "there is more after the checkpoint");
    must(line.length > 0 && line[line.length - 1] === 10, "the line has no end");
    let content;
    try {
      content = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(line.subarray(0, line.length - 1));
    } catch {
      throw new Wrong("the line is not UTF-8");
    }
    const value = parse(content);
    must(value instanceof Map, "the line is not an object");
    if (value.has("checkpoint")) this.checkpoint(content, value);
    else this.entry(content, value);
  }

  entry(content, value) {
    must([...value.keys()].join() === ENTRY.join(), "the line is not an entry");
    const [seq, at, type, data, previous, hash] = ENTRY.map((member) => value.get(member));
    must(typeof seq === "bigint" && data instanceof Map && [at, type, previous, hash].every(isText), "the line is not an entry");
    must(allSafe(data), "an integer that is not exact");
    must(seq === this.length + 1n, `entry ${seq} stands where entry ${this.length + 1n} belongs`);
    must(previous === this.hash, "previous is not the hash of the entry before");
    const body = new Map([...value].filter(([member]) => member !== "hash"));
    must(sha256(previous, canonical(body)) === hash, "the hash is not the hash of the content");
    const written = ENTRY.map((member) => `"${member}":${canonical(value.get(member))}`).join(",");
    must(`{${written}}` === content, "the line is not written as an export writes it");
    const moment = at.includes(".") ? instant(at) : null;
    must(soonEnough(moment), "the entry's time is not valid");
    must(Object.hasOwn(EVENTS, type), `there is no event of type ${type}`);
    const wrong = misfit(data, EVENTS[type]);
    must(wrong === null, `the event ${type} is not of its form: ${wrong}`);
    if (type === "signing_key_added") this.addKey(data);
    this.rules.apply(type, data, moment, { length: this.length, hash: this.hash });
    this.rules.chain.push(hash);
    this.length = seq;
    this.hash = hash;
  }

  addKey(data) {
    const given = data.get("jwk");
    const [kid, x] = [data.get("kid"), given.get("x")];
    const thumbprint = createHash("sha256").update(`{"crv":"Ed25519","kty":"OKP","x":"${x}"}`).digest("base64url");
    must(isExact(x) && kid === thumbprint && given.get("kid") === thumbprint, "the key's id is not its thumbprint");
    must(!this.keys.has(kid), `the key ${kid} is there already`);
    this.keys.set(kid, x);
    this.current = kid;
  }

  checkpoint(content, value) {
    must([...value.keys()].join() === "checkpoint,jws", "the line is not a checkpoint");
    const [payload, jws] = [value.get("checkpoint"), value.get("jws")];
    const forms = { at: time, database: matching(/^[0-9a-f-]{36}$/), head: digest, length: count };
    must(payload instanceof Map && misfit(payload, forms) === null && isText(jws), "the checkpoint is not of its form");
    must(soonEnough(instant(payload.get("at"))), "the checkpoint's time is not valid");
    const signed = canonical(payload);
    must(`{"checkpoint":${signed},"jws":${canonical(jws)}}` === content, "the line is not written as an export writes it");
    must(this.current !== null, "the chain has no key");
    const [header, body, signature, ...more] = jws.split(".");
    must(more.length === 0 && [header, body, signature].every((part) => part !== undefined && isExact(part)), "the signature is not of its form");
    must(header === base64url(`{"alg":"EdDSA","kid":"${this.current}"}`), "not signed with the chain's current key");
    must(body === base64url(signed), "what the checkpoint says is not what was signed");
    let holds = false;
    try {
      const publicKey = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x: this.keys.get(this.current) }, format: "jwk" });
      holds = verifySignature(null, Buffer.from(`${header}.${body}`), publicKey, Buffer.from(signature, "base64url"));
    } catch {
      // no key: nothing is signed with it
    }
    must(holds, "the signature is wrong");
    must(payload.get("length") === this.length, "entries are missing or too many");
    must(payload.get("head") === this.hash, "the checkpoint is of another ledger");
    this.rules.close(instant(payload.get("at")));
    this.done = payload;
  }
}

function allSafe(value) {
  if (value instanceof Map) return [...value.values()].every(allSafe);
  if (Array.isArray(value)) return value.every(allSafe);
  return typeof value !== "bigint" || (value <= SAFE && value >= -SAFE);
}

/** Prove an export, given as lines (Buffers, their ends included). Returns what was proved, or where and why not. */
export function verify(lines) {
  const proof = new Proof();
  let line = 0;
  try {
    for (const each of lines) {
      line += 1;
      proof.take(each);
    }
    line += 1;
    must(proof.done !== null, "the file ends without its signed checkpoint");
  } catch (error) {
    if (!(error instanceof Wrong)) throw error;
    return { verified: false, line, reason: error.message };
  }
  const { numbers_granted, numbers_granted_again, remarks } = proof.rules.summary();
  return {
    verified: true,
    entries: Number(proof.length),
    numbers_granted: Number(numbers_granted),
    numbers_granted_again: Number(numbers_granted_again),
    remarks,
    head: proof.hash,
  };
}

/** The lines of a buffer, their ends included. */
export function* linesOf(data) {
  for (let start = 0; start < data.length; ) {
    const end = data.indexOf(10, start);
    const next = end < 0 ? data.length : end + 1;
    yield data.subarray(start, next);
    start = next;
  }
}

function* linesOfFile(path) {
  const file = openSync(path, "r");
  try {
    const chunk = Buffer.alloc(1 << 20);
    let left = Buffer.alloc(0);
    for (let size; (size = readSync(file, chunk, 0, chunk.length, null)) > 0; ) {
      left = Buffer.concat([left, chunk.subarray(0, size)]);
      const end = left.lastIndexOf(10) + 1;
      yield* linesOf(left.subarray(0, end));
      left = left.subarray(end);
    }
    if (left.length > 0) yield left;
  } finally {
    closeSync(file);
  }
}

function sentence(found) {
  if (!found.verified) return `The ledger does not verify: line ${found.line}: ${found.reason}.`;
  const again = found.numbers_granted_again;
  const words = again === 0 ? "no number was given twice" : `no number was held by two at once; ${again} were granted again, as two people approved`;
  const remarks = found.remarks.map((remark) => `; note: ${remark}`).join("");
  return `The ledger verifies: ${words}. ${found.entries} entries, ${found.numbers_granted} numbers granted, head ${found.head}${remarks}`;
}

function main(options) {
  const files = options.filter((option) => option !== "--json");
  if (files.length !== 1) {
    console.error("Usage: node verify.mjs FILE [--json]");
    return 2;
  }
  let found;
  try {
    found = verify(linesOfFile(files[0]));
  } catch (error) {
    if (error.code === undefined) throw error;
    console.error(`${files[0]} can't be read: ${error.message}`);
    return 2;
  }
  console.log(options.includes("--json") ? JSON.stringify(found) : sentence(found));
  return found.verified ? 0 : 1;
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) process.exitCode = main(process.argv.slice(2));
