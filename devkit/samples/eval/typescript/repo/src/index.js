// @ts-check

/** @typedef {import("../index.js").SlugOptions} SlugOptions */

/**
 * The text as a part of an address: `Crème Brûlée!` is `creme-brulee`.
 *
 * @param {string} text
 * @param {SlugOptions} [options]
 * @returns {string}
 */
export function slug(text, options = {}) {
  const { separator = "-" } = options;
  return text
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter(Boolean)
    .join(separator);
}
