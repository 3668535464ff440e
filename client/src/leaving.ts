const COOKIE = "spindle-leaving";
export const STILL_HERE_MS = 3000;
let begun = false;

/**
 * Names the page to the request that replaces it. A download or a cancelled navigation leaves the
 * document where it is: then the name is taken back.
 */
export function nameWhenLeaving(token: string): void {
  addEventListener("beforeunload", () => {
    begun = true;
    setCookie(token, 10);
    setTimeout(() => {
      if (document.visibilityState === "visible") setCookie("", 0);
    }, STILL_HERE_MS);
  });
}

/** Whether the visitor has ever set out to leave this document. */
export function hasSetOut(): boolean {
  return begun;
}

function setCookie(value: string, maxAge: number): void {
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `${COOKIE}=${value}; path=/; max-age=${maxAge}; SameSite=Strict${secure}`;
  // Chromium only posts it, and on a busy machine the next request may be sent before it has come:
  // reading waits until it is noted.
  void document.cookie;
}
