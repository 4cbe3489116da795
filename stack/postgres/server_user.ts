/** A user of this machine. */
export interface ServerUser {
  readonly uid: number;
  readonly gid: number;
}

/**
 * Whom the server is to run as: PostgreSQL refuses root, so then `postgres` or `nobody`; otherwise whoever we are (null).
 *
 * @param passwd The contents of `/etc/passwd`.
 */
export function chooseServerUser(uid: number | null, passwd: string): ServerUser | null {
  if (uid !== 0) return null;
  for (const wanted of ["postgres", "nobody"]) {
    const line = passwd.split("\n").find((entry) => entry.startsWith(`${wanted}:`));
    const [, , user, group] = line?.split(":") ?? [];
    if (user !== undefined && group !== undefined) return { uid: Number(user), gid: Number(group) };
  }
  return null;
}
