import { useView } from "./context.ts";

/** Whom to tell, by name, with links that dial or write. */
export function Support({ reference }: { reference?: string }) {
  const { app, words } = useView();
  const { support } = app.settings;
  if (support === null) return null;
  const { name, email, phone } = support;
  const about = words.app.name;
  const subject = encodeURIComponent(reference === undefined ? about : `${about} (${reference})`);
  return (
    <p class="contact">
      <strong>{name}</strong>
      {phone !== null && <a href={dial(phone)}>{phone}</a>}
      {email !== null && <a href={`mailto:${email}?subject=${subject}`}>{email}</a>}
    </p>
  );
}

/** What to do at once when somebody may be shown who must not be. */
export function Urgent() {
  const { app: { settings: { urgent } }, words: { help } } = useView();
  return (
    <p class="contact">
      <strong>{help.urgent}</strong>
      {urgent === null
        ? <span>{help.ringHlf}</span>
        : <a href={dial(urgent.phone)}>{help.ring(urgent.phone)}</a>}
      {urgent?.text && <span>{urgent.text}</span>}
    </p>
  );
}

function dial(phone: string): string {
  return `tel:${phone.replaceAll(" ", "")}`;
}

/** Where help is, on every view. */
export function Footer() {
  const { app: { settings: { support, websiteUrl } }, words: { help } } = useView();
  return (
    <footer class="bottom">
      <h2>{help.title}</h2>
      <Urgent />
      {support !== null && (
        <>
          <p>{help.support}</p>
          <Support />
        </>
      )}
      {websiteUrl !== null && (
        <p>
          <a href={websiteUrl} target="_blank" rel="noreferrer">{help.website}</a>
        </p>
      )}
    </footer>
  );
}
