// Says of each file whether it is valid: node ajv.cjs SCHEMAS FOLDER
//
// Files stand in a folder of FOLDER for each schema, named as it is without its suffix. Prints "valid" or "invalid", and the
// file, a line each.
const { readFileSync, readdirSync } = require("node:fs");
const { join } = require("node:path");
const Ajv = require("ajv/dist/2020");

const [schemas, folder] = process.argv.slice(2);
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function isValid(validate, file) {
  try {
    return validate(JSON.parse(decoder.decode(readFileSync(file))));
  } catch (refused) {
    if (refused instanceof SyntaxError || refused instanceof TypeError) return false; // no JSON, or no UTF-8
    throw refused;
  }
}

for (const name of readdirSync(folder).sort()) {
  const schema = JSON.parse(readFileSync(join(schemas, `${name}.schema.json`), "utf-8"));
  const validate = new Ajv().compile(schema);
  for (const file of readdirSync(join(folder, name)).sort()) {
    const path = join(folder, name, file);
    console.log(isValid(validate, path) ? "valid" : "invalid", path);
  }
}
