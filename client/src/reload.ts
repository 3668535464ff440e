const KEY = "spindle-reloads";
const WITHIN_MS = 30_000;
const AT_MOST = 3;

/** Reloads the page, unless that was tried too often of late; tells whether it does. */
export function reloadSparingly(): boolean {
  try {
    const since = Date.now() - WITHIN_MS;
    const tried = (JSON.parse(sessionStorage.getItem(KEY) ?? "[]") as number[]).filter(
      (time) => time > since,
    );
    if (tried.length >= AT_MOST) return false;
    sessionStorage.setItem(KEY, JSON.stringify([...tried, Date.now()]));
  } catch {
    return false; // Without storage a loop could not be noticed.
  }
  location.reload();
  return true;
}
