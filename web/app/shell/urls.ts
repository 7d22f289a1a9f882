/**
 * The same file on the origin that the app was opened at, not on PUBLIC_URL's: the page's policy allows no
 * other, and the name may not resolve here. Relative to the page, so that it holds below a proxy's path too.
 */
export function urlHere(url: string): string {
  const [path] = /\/(files|derivatives)\/.*$/.exec(url) ?? [];
  return path == null ? url : new URL(`.${path}`, document.baseURI).href;
}

export const urlHereOrNull = (url: string | null | undefined): string | null =>
  url == null ? null : urlHere(url);
