import { useApp, useLinks, useWords } from "./context.ts";
import { Icon } from "./icons.tsx";

export function Header() {
  const app = useApp();
  const words = useWords();
  const links = useLinks();
  const otherLanguage = words.language === "nb" ? "en" : "nb";
  return (
    <header class="top">
      <a class="brand" href={links.overview}>
        <span class="brand-mark" aria-hidden="true">{words.app.owner}</span>
        <span>{words.app.name}</span>
      </a>
      {app.workplace.value !== null && <Navigation />}
      <div class="tools">
        <OrganisationChoice />
        <button
          type="button"
          class="quiet"
          lang={otherLanguage}
          onClick={() => app.setLanguage(otherLanguage)}
        >
          {words.app.otherLanguage}
        </button>
        {app.user.value && (
          <button type="button" class="quiet" onClick={() => void app.signOut()}>
            {words.app.signOut}
          </button>
        )}
      </div>
    </header>
  );
}

function Navigation() {
  const app = useApp();
  const { app: words } = useWords();
  const links = useLinks();
  const { view } = app.route.value;
  const items = [
    { href: links.overview, label: words.overview, icon: "overview", isHere: view === "overview" },
    {
      href: links.mentors(),
      label: words.mentors,
      icon: "people",
      isHere: view === "mentors" || view === "mentor",
    },
    {
      href: links.log(),
      label: words.log,
      icon: "log",
      isHere: view === "log" || view === "audit",
    },
  ] as const;
  return (
    <nav aria-label={words.menu}>
      <ul>
        {items.map(({ href, label, icon, isHere }) => (
          <li key={href}>
            <a href={href} {...(isHere && { "aria-current": "page" as const })}>
              <Icon name={icon} />
              {label}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}

function OrganisationChoice() {
  const app = useApp();
  const { app: words } = useWords();
  const organisations = app.organisations.value ?? [];
  const chosen = app.workplace.value?.organisation;
  if (chosen === undefined) return null;
  if (organisations.length === 1) return <span class="organisation">{chosen.name}</span>;
  return (
    <select
      class="organisation"
      aria-label={words.organisation}
      value={chosen.id}
      onChange={(event) => app.chooseOrganisation(event.currentTarget.value)}
    >
      {organisations.map(({ id, name }) => <option key={id} value={id}>{name}</option>)}
    </select>
  );
}
