/**
 * Loads the files of tests that the arguments name, so that `deno test` runs them as one. They share no more than the
 * modules that they import, and pass in any order (`--shuffle`).
 *
 * @module
 */
for (const file of Deno.args) await import(new URL(`../${file}`, import.meta.url).href);
