/** As much of JSON Schema as X's OpenAPI uses for answers; for the contract test only. Pure. */

type Schema = Record<string, unknown>;

/**
 * What is wrong with `value`, as paths with reasons; empty when it fits. `strict` also reports keys the schema lacks.
 */
export function schemaFaults(root: Schema, schema: Schema, value: unknown, strict = true, path = "$"): string[] {
  const reference = schema.$ref;
  if (typeof reference === "string") {
    return schemaFaults(root, follow(root, reference), value, strict, path);
  }
  const faults: string[] = [];
  if (value === null) return schema.nullable === true ? [] : [`${path}: null`];
  if (Array.isArray(schema.oneOf) || Array.isArray(schema.anyOf)) {
    const choices = (schema.oneOf ?? schema.anyOf) as Schema[];
    const tried = choices.map((choice) => schemaFaults(root, choice, value, strict, path));
    return tried.some((found) => found.length === 0) ? [] : [`${path}: fits none of ${choices.length} schemas`];
  }
  if (Array.isArray(schema.enum) && !schema.enum.includes(value))
    faults.push(`${path}: ${String(value)} is not listed`);
  switch (schema.type) {
    case "object":
      faults.push(...objectFaults(root, schema, value, strict, path));
      break;
    case "array": {
      if (!Array.isArray(value)) return [`${path}: not an array`];
      if (typeof schema.minItems === "number" && value.length < schema.minItems) faults.push(`${path}: too few`);
      if (typeof schema.maxItems === "number" && value.length > schema.maxItems) faults.push(`${path}: too many`);
      const items = schema.items as Schema | undefined;
      if (items === undefined) break;
      value.forEach((item, index) => {
        faults.push(...schemaFaults(root, items, item, strict, `${path}[${index}]`));
      });
      break;
    }
    case "string":
      if (typeof value !== "string") faults.push(`${path}: not a string`);
      else if (typeof schema.pattern === "string" && !new RegExp(schema.pattern, "u").test(value)) {
        faults.push(`${path}: ${value} does not match ${schema.pattern}`);
      } else if (schema.format === "date-time" && Number.isNaN(Date.parse(value))) faults.push(`${path}: no time`);
      break;
    case "integer":
      if (!Number.isInteger(value)) faults.push(`${path}: not an integer`);
      break;
    case "boolean":
      if (typeof value !== "boolean") faults.push(`${path}: not a boolean`);
      break;
  }
  return faults;
}

function objectFaults(root: Schema, schema: Schema, value: unknown, strict: boolean, path: string): string[] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return [`${path}: not an object`];
  const faults: string[] = [];
  const given = value as Schema;
  const properties = schema.properties as Record<string, Schema> | undefined;
  for (const name of (schema.required as string[] | undefined) ?? []) {
    if (!(name in given)) faults.push(`${path}.${name}: missing`);
  }
  for (const [name, item] of Object.entries(given)) {
    const known = properties?.[name];
    if (known !== undefined) faults.push(...schemaFaults(root, known, item, strict, `${path}.${name}`));
    else if (properties !== undefined && (strict || schema.additionalProperties === false)) {
      faults.push(`${path}.${name}: not in the schema`);
    }
  }
  return faults;
}

function follow(root: Schema, reference: string): Schema {
  let at: unknown = root;
  for (const step of reference.replace(/^#\//, "").split("/")) at = (at as Schema | undefined)?.[step];
  if (typeof at !== "object" || at === null) throw new Error(`no schema at ${reference}`);
  return at as Schema;
}
