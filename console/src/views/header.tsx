import { useView } from "./context.ts";
import { Icon } from "./icons.tsx";

export function Header() {
  const { app, words, links } = useView();
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
  const { app, words, links } = useView();
  const here = app.route.value.view;
  const items: { href: string; view: "overview" | "mentors" | "log"; below?: string }[] = [
    { href: links.overview, view: "overview" },
    { href: links.mentors(), view: "mentors", below: "mentor" },
    { href: links.log(), view: "log", below: "audit" },
  ];
  return (
    <nav aria-label={words.app.menu}>
      <ul>
        {items.map(({ href, view, below }) => (
          <li key={href}>
            <a
              href={href}
              {...([view, below].includes(here) && { "aria-current": "page" as const })}
            >
              <Icon name={view} />
              {words.app[view]}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}

function OrganisationChoice() {
  const { app, words } = useView();
  const organisations = app.organisations.value ?? [];
  const chosen = app.workplace.value?.organisation;
  if (chosen === undefined) return null;
  if (organisations.length === 1) return <span class="organisation">{chosen.name}</span>;
  return (
    <select
      class="organisation"
      aria-label={words.app.organisation}
      value={chosen.id}
      onChange={(event) => app.chooseOrganisation(event.currentTarget.value)}
    >
      {organisations.map(({ id, name }) => <option key={id} value={id}>{name}</option>)}
    </select>
  );
}
