/** Which host bills nothing. Alone in its file: who only asks this loads no prices. */
const X_HOST = "api.x.com";

/** Whether what is asked there costs nothing: it is not X. */
export const isSandboxHost = (host: string): boolean => host !== X_HOST;
