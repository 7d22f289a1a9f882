/** What labels, descriptions and file names are made of, and what is searched for. */
export const words = ["amber", "basil", "cedar", "delta", "ember"] as const;
