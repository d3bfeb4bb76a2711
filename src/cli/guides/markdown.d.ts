/** Texts that are part of the code: Bun reads them, and the package has them inside. */
declare module "*.md" {
  const text: string;
  export default text;
}
