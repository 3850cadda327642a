// jsforce: `load` of its Bulk API, or its job. The package is named by JSFORCE, since two versions are tried.
const jsforce = require(process.env.JSFORCE);

const connection = new jsforce.Connection({
  instanceUrl: process.env.JOBINFO_BASE_URL,
  accessToken: process.env.JOBINFO_SESSION_ID,
  version: process.env.JOBINFO_API_VERSION,
});

async function load() {
  const results = await connection.bulk.load("Account", "insert", [{ Name: "a" }, { Name: "b" }]);
  if (!results.every((result) => result.success)) throw new Error("a record was not inserted");
}

async function close() {
  const job = connection.bulk.createJob("Account", "insert");
  await job.open();
  await job.close();
}

(process.argv[2] === "load" ? load() : close()).catch((error) => {
  console.error(String(error));
  process.exit(1);
});
