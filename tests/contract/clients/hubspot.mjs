// Drives a HubSpot portal with @hubspot/api-client and prints, as one JSON object, what it understood.
// Usage: node hubspot.mjs FOLDER_WITH_NODE_MODULES ORIGIN TOKEN

import { createRequire } from "node:module";
import { join } from "node:path";

const [folder, origin, token] = process.argv.slice(2);
const { Client } = createRequire(join(folder, "package.json"))("@hubspot/api-client");

const hub = new Client({ accessToken: token, basePath: origin, numberOfApiCallRetries: 0 });
const { basicApi, batchApi, searchApi } = hub.crm.contacts;

const codeOf = (work) => work.then(() => null, (error) => error.code);
const emails = (records) => records.map((record) => record.properties.email);
const contact = (email, more) => ({ properties: { email, ...more } });

async function records() {
  const made = await basicApi.create(contact("Ann@x.example", { firstname: "Ann" }));
  const read = await basicApi.getById("ann@x.example", ["phone"], undefined, undefined, false, "email");
  const changed = await basicApi.update(made.id, { properties: { phone: "+1 415 555 2671", firstname: "" } });
  const history = await basicApi.getById(made.id, undefined, ["firstname"]);
  const taken = await codeOf(basicApi.create(contact("ann@x.example")));
  await basicApi.archive(made.id);
  return {
    made: made.properties.email, read: [read.id === made.id, read.properties.phone],
    changed: [changed.properties.firstname, changed.properties.hs_calculated_phone_number],
    history: history.propertiesWithHistory.firstname.map(({ value }) => value), taken,
    missing: await codeOf(basicApi.getById(made.id)),
    archived: (await basicApi.getPage(10, undefined, undefined, undefined, undefined, true)).results.length,
  };
}

async function lists() {
  const everybody = await hub.crm.contacts.getAll(10, undefined, ["email", "phone"]);
  const page = await basicApi.getPage(10, undefined, ["email"]);
  const next = await basicApi.getPage(10, page.paging.next.after, ["email"]);
  const filters = [{ propertyName: "email", operator: "CONTAINS_TOKEN", value: "*@seed.example" }];
  const query = { filterGroups: [{ filters }], sorts: ["-email"], properties: ["email"], limit: 2 };
  const first = await searchApi.doSearch(query);
  const second = await searchApi.doSearch({ ...query, after: first.paging.next.after });
  return {
    everybody: everybody.length, pages: [page.results.length, next.results.length],
    total: first.total, found: emails([...first.results, ...second.results]),
    refused: await codeOf(searchApi.doSearch({ ...query, limit: 201 })),
  };
}

async function batches() {
  const wanted = ["a", "b"].map((name) => contact(`${name}@batch.example`));
  const made = await batchApi.create({ inputs: wanted });
  const traced = wanted.concat(contact("c@batch.example")).map((each, n) => ({ ...each, objectWriteTraceId: `${n}` }));
  const partial = await batchApi.create({ inputs: traced });
  const ids = made.results.concat(partial.results).map(({ id }) => ({ id }));
  const changed = await batchApi.update({ inputs: ids.map(({ id }) => ({ id, properties: { firstname: "New" } })) });
  const twice = await codeOf(batchApi.update({ inputs: [ids[0], ids[0]].map(({ id }) => ({ id, properties: {} })) }));
  const keyed = ["c", "d"].map((name) => ({ id: `${name}@batch.example`, idProperty: "email", properties: { phone: "1" } }));
  const upserted = await batchApi.upsert({ inputs: keyed });
  const read = await batchApi.read({ inputs: [...ids, { id: "1" }], properties: ["firstname"], propertiesWithHistory: [] });
  await batchApi.archive({ inputs: ids });
  return {
    made: emails(made.results), partial: [emails(partial.results), partial.numErrors, partial.errors[0].context],
    changed: changed.results.length, twice, upserted: upserted.results.map((each) => each._new ?? each.new),
    read: [read.results.map(({ properties }) => properties.firstname), read.numErrors],
    left: (await searchApi.doSearch({ query: "batch.example" })).total,
  };
}

async function merges() {
  const [first, second] = await Promise.all(["one", "two"].map((name) => basicApi.create(contact(`${name}@merge.example`))));
  const merged = await basicApi.merge({ primaryObjectId: first.id, objectIdToMerge: second.id });
  await basicApi.purge({ objectId: merged.id });
  return { fresh: ![first.id, second.id].includes(merged.id), erased: await codeOf(basicApi.getById(merged.id)) };
}

async function properties() {
  const { coreApi, batchApi } = hub.crm.properties;
  const before = (await coreApi.getByName("contacts", "hs_lead_status")).options;
  const after = await coreApi.update("contacts", "hs_lead_status", { options: [before[0], { ...before[1], label: "Opened" }] });
  const own = { name: "shoe", label: "Shoe", type: "string", fieldType: "text", groupName: "contactinformation" };
  const made = await coreApi.create("contacts", own);
  const several = await batchApi.create("contacts", { inputs: [{ ...own, name: "hat", label: "Hat" }] });
  await coreApi.archive("contacts", "shoe");
  const all = await coreApi.getAll("contacts");
  return {
    options: [before.length, after.options.map(({ label }) => label)], made: [made.name, several.results[0].name],
    all: ["shoe", "hat", "email"].map((name) => all.results.some((each) => each.name === name)),
  };
}

async function portal() {
  const page = await hub.crm.owners.ownersApi.getPage();
  const owner = await hub.crm.owners.ownersApi.getById(Number(page.results[0].id), "id");
  const [account, usage, dated] = await Promise.all([
    "/account-info/v3/details", "/account-info/v3/api-usage/daily/private-apps", "/crm/objects/2026-09/contacts?limit=1",
  ].map(async (path) => (await hub.apiRequest({ method: "GET", path })).json()));
  const stranger = new Client({ accessToken: "other", basePath: origin });
  return {
    owner: owner.email, portal: account.portalId, used: usage.results[0].currentUsage > 0, dated: dated.results.length,
    stranger: await codeOf(stranger.crm.contacts.basicApi.getPage()),
  };
}

const said = {
  lists: await lists(), records: await records(), batches: await batches(),
  merges: await merges(), properties: await properties(), portal: await portal(),
};
process.stdout.write(JSON.stringify(said));
