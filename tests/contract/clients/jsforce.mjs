// Drives a Salesforce org with jsforce and prints, as one JSON object, what it understood.
// Usage: node jsforce.mjs FOLDER_WITH_NODE_MODULES ORIGIN CLIENT_ID CLIENT_SECRET

import { createRequire } from "node:module";
import { join } from "node:path";

const [folder, origin, clientId, clientSecret] = process.argv.slice(2);
const jsforce = createRequire(join(folder, "package.json"))("jsforce");

const oauth2 = { clientId, clientSecret, loginUrl: origin };
const org = new jsforce.Connection({ oauth2, loginUrl: origin, instanceUrl: origin, version: "60.0" });

const codeOf = (work) => work.then(() => null, (error) => error.errorCode ?? error.name);
const lastNames = (records) => records.map((record) => record.LastName);

async function rows() {
  const made = await org.sobject("Contact").create({ LastName: "Ray", FirstName: "Ana", Email: "ana@x.example" });
  await org.sobject("Contact").update({ Id: made.id, Title: "CTO" });
  const read = await org.sobject("Contact").retrieve(made.id);
  const upserted = await org.sobject("Contact").upsert({ Email: "ana@x.example", Title: "CEO" }, "Email");
  const gone = await org.sobject("Contact").destroy(made.id);
  return { made, read, upserted, gone, missing: await codeOf(org.sobject("Contact").retrieve(made.id)) };
}

async function collections() {
  const wanted = ["A", "B", "C"].map((LastName) => ({ LastName, Email: `${LastName}@x.example` }));
  const created = await org.sobject("Contact").create(wanted);
  const changes = created.map(({ id }, place) => ({ Id: id, ...(place === 1 ? { Email: "bad" } : { Title: "x" }) }));
  const updated = await org.sobject("Contact").update(changes, { allOrNone: false });
  const upserted = await org.sobject("Contact").upsert([{ LastName: "D", Email: "d@x.example" }], "Email");
  const read = await org.sobject("Contact").retrieve(created.map(({ id }) => id));
  return { created, updated, upserted, read: lastNames(read) };
}

async function queries() {
  const options = { autoFetch: true, maxFetch: 10000, headers: { "Sforce-Query-Options": "batchSize=500" } };
  const soql = "SELECT Id, LastName FROM Lead WHERE Company = 'Paged' ORDER BY LastName";
  const all = await org.query(soql, options);
  const first = await org.query(soql, { autoFetch: false, headers: options.headers });
  const built = await org.sobject("Lead")
    .find({ LastName: { $like: "P000%" }, CreatedDate: { $gt: jsforce.SfDate.toDateTimeLiteral("2024-01-01T00:00:00Z") } }, "LastName")
    .sort("-LastName").limit(3);
  const deleted = await org.query("SELECT LastName FROM Contact WHERE IsDeleted = true", { scanAll: true });
  return {
    total: all.totalSize, fetched: all.records.length, firstPage: [first.records.length, first.done],
    built: lastNames(built), deleted: lastNames(deleted.records),
    malformed: await codeOf(org.query("SELEC Id FROM Lead")),
    unknown: await codeOf(org.query("SELECT Nope FROM Lead")),
  };
}

async function bulk() {
  org.bulk2.pollInterval = 10;
  const rows = ["Up", "Down"].map((LastName) => ({ LastName, Email: `${LastName}@bulk.example` }));
  const loaded = await org.bulk2.loadAndWaitForResults({
    object: "Contact", operation: "insert", input: [...rows, { LastName: "", Email: "bad" }],
  });
  const upserted = await org.bulk2.loadAndWaitForResults({
    object: "Contact", operation: "upsert", externalIdFieldName: "Email", input: [{ ...rows[0], LastName: "Higher" }],
  });
  const soql = "SELECT LastName, Title FROM Contact WHERE Email LIKE '%@bulk.example' ORDER BY LastName";
  const read = async (options) => (await org.bulk2.query(soql, options)).toArray();
  await org.sobject("Contact").destroy(loaded.successfulResults[0].sf__Id);
  const { id } = await org.requestPost("/jobs/query", { operation: "query", query: soql });
  const aborted = await org.bulk2.job("query", { id }).abort();
  await org.bulk2.job("query", { id }).delete();
  return {
    loaded, upserted, living: lastNames(await read()), all: lastNames(await read({ scanAll: true })),
    aborted: aborted.state, deleted: await codeOf(org.bulk2.job("query", { id }).check()),
    refused: await codeOf(org.bulk2.query("SELECT Nope FROM Contact")),
  };
}

async function metadata() {
  const described = await org.sobject("Task").describe();
  const everything = await org.describeGlobal();
  const limits = await org.limits();
  const now = Date.now();
  const moved = await org.sobject("Contact").updated(new Date(now - 3600e3), new Date(now + 120e3));
  const identity = await org.request("/services/oauth2/userinfo");
  return {
    callTypes: described.fields.find(({ name }) => name === "CallType").picklistValues.map(({ value }) => value),
    objects: everything.sobjects.map(({ name }) => name),
    limits: limits.DailyApiRequests, usage: org.limitInfo.apiUsage, moved, organization: identity.organization_id,
  };
}

await org.authorize({ grant_type: "client_credentials" });
const said = { rows: await rows(), collections: await collections(), queries: await queries(), metadata: await metadata(), bulk: await bulk() };
process.stdout.write(JSON.stringify(said));
