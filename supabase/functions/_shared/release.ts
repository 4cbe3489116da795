/** The release that this code is of; that of the schema is `hlf_sync.version()`. It becomes a number with the first one. */
export const RELEASE = "unreleased";
