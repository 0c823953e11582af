/** How a slug is made. */
export interface SlugOptions {
  /** What stands between words; `-` if left out. */
  separator?: string;
}

/** The text as a part of an address: `Crème Brûlée!` is `creme-brulee`. */
export function slug(text: string, options?: SlugOptions): string;
