/** A JSON Schema as its reader takes it, for what is printed by `psn schema`. A keyword that this does not know is an error. */

type Node = { [keyword: string]: unknown };

const SAY_NOTHING = new Set(["$schema", "$defs", "description", "default", "id", "title"]);

/** @returns what of `value` the schema does not take, by its place; empty for one that fits */
export function misfits(schema: unknown, value: unknown): string[] {
  return check(schema as Node, schema as Node, value, "answer");
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const TYPES: Record<string, (value: unknown) => boolean> = {
  object: isObject,
  array: Array.isArray,
  string: (value) => typeof value === "string",
  boolean: (value) => typeof value === "boolean",
  number: (value) => typeof value === "number",
  integer: Number.isInteger,
  null: (value) => value === null,
};

function check(root: Node, node: Node, value: unknown, at: string): string[] {
  return Object.entries(node).flatMap(([keyword, wanted]) => {
    if (SAY_NOTHING.has(keyword)) return [];
    const no = (fits: boolean) =>
      fits
        ? []
        : [`${at}: ${JSON.stringify(value)?.slice(0, 60)} is no ${keyword} ${JSON.stringify(wanted).slice(0, 80)}`];
    const length = typeof value === "string" || Array.isArray(value) ? value.length : null;
    switch (keyword) {
      case "$ref":
        return check(
          root,
          (root.$defs as Record<string, Node>)[String(wanted).slice("#/$defs/".length)] as Node,
          value,
          at,
        );
      case "type":
        return no([wanted].flat().some((type) => TYPES[String(type)]?.(value)));
      case "const":
        return no(value === wanted);
      case "enum":
        return no((wanted as unknown[]).includes(value));
      case "anyOf": {
        const tried = (wanted as Node[]).map((one) => check(root, one, value, at));
        return tried.some((found) => found.length === 0)
          ? []
          : (tried.toSorted((a, b) => a.length - b.length)[0] ?? []);
      }
      case "allOf":
        return (wanted as Node[]).flatMap((one) => check(root, one, value, at));
      case "required":
        return isObject(value)
          ? (wanted as string[]).filter((name) => !(name in value)).map((name) => `${at} has no ${name}`)
          : [];
      case "properties":
        if (!isObject(value)) return [];
        return Object.entries(wanted as Record<string, Node>).flatMap(([name, one]) =>
          name in value ? check(root, one, value[name], `${at}.${name}`) : [],
        );
      case "additionalProperties": {
        if (!isObject(value)) return [];
        const others = Object.keys(value).filter((name) => !(name in ((node.properties as Node) ?? {})));
        if (wanted === false) return others.map((name) => `${at} has ${name}, which is not in the schema`);
        return others.flatMap((name) => check(root, wanted as Node, value[name], `${at}.${name}`));
      }
      case "propertyNames":
        return isObject(value) ? Object.keys(value).flatMap((name) => check(root, wanted as Node, name, at)) : [];
      case "items":
        return Array.isArray(value)
          ? value.flatMap((item, index) => check(root, wanted as Node, item, `${at}[${index}]`))
          : [];
      case "minimum":
        return no(typeof value !== "number" || value >= Number(wanted));
      case "maximum":
        return no(typeof value !== "number" || value <= Number(wanted));
      case "exclusiveMinimum":
        return no(typeof value !== "number" || value > Number(wanted));
      case "minItems":
      case "minLength":
        return no(length === null || length >= Number(wanted));
      case "maxItems":
      case "maxLength":
        return no(length === null || length <= Number(wanted));
      case "pattern":
        return no(typeof value !== "string" || new RegExp(String(wanted), "u").test(value));
      default:
        return [`${at}: this reader does not know ${keyword}`];
    }
  });
}
