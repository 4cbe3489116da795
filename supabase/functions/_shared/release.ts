/** The release that this code is of; that of the schema is `hlf_sync.version()`. */
export const RELEASE = "1.0.0";
