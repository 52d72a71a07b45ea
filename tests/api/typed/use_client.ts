// What a vendor writes on the types that openapi-typescript makes: checked strictly, then run. Arguments: address, key.
import createClient from "openapi-fetch";
import type { components, paths } from "./npn.js";

type Series = components["schemas"]["Series"];

declare const process: { argv: string[] };
const [url, key] = process.argv.slice(2) as [string, string];
const client = createClient<paths>({ baseUrl: url, headers: { Authorization: `Bearer ${key}` } });

const draw = (usable: number) =>
  client.POST("/v1/series", {
    params: { header: { "Idempotency-Key": crypto.randomUUID() } },
    body: { usable },
  });

const { data, error } = await draw(5);
if (data === undefined) throw new Error(error.code);
const series: Series = data;
const usable: number = series.usable;
const drawnAt: string = series.drawn_at;
const page = await client.GET("/v1/series", { params: { query: { limit: 5 } } });
const number = await client.GET("/v1/numbers/{number}", { params: { path: { number: series.last } } });
const receipt = await client.GET("/v1/receipts/{series_id}", {
  params: { path: { series_id: series.id } },
  parseAs: "text",
});
const refused = await draw(0);
const code: components["schemas"]["Problem"]["code"] | undefined = refused.error?.code;
// @ts-expect-error  the generated types know every member
series.nothing;

const same = page.data?.items[0]?.id === series.id;
const zoned = drawnAt.endsWith("Z");
console.log(usable, zoned, same, number.data?.usable, String(receipt.data).split(".").length - 1, code);
