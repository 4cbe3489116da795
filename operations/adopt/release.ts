/** The release whose files are copied; it becomes a number with the first one. */
export const RELEASE = "unreleased";
