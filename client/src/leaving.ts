const COOKIE = "spindle-leaving";
const STILL_HERE_MS = 3000;

/**
 * Names the page to the request that replaces it. A download or a cancelled navigation leaves the
 * document where it is: then the name is taken back.
 */
export function nameWhenLeaving(token: string): void {
  addEventListener("beforeunload", () => {
    setCookie(token, 10);
    setTimeout(() => {
      if (document.visibilityState === "visible") setCookie("", 0);
    }, STILL_HERE_MS);
  });
}

function setCookie(value: string, maxAge: number): void {
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `${COOKIE}=${value}; path=/; max-age=${maxAge}; SameSite=Strict${secure}`;
}
