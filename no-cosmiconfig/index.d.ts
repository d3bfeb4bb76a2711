export const findsNothing: true;
export function cosmiconfigSync(): { search(): null };
