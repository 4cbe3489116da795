const PATHS = {
  check: "M5 12.5l4.5 4.5L19 7.5",
  clock: "M12 7v5.2l3.4 2M12 21a9 9 0 1 1 0-18 9 9 0 0 1 0 18z",
  alert:
    "M12 8.5v5M12 16.8v.2M10.3 4.2L2.9 17.4A2 2 0 0 0 4.6 20.4h14.8a2 2 0 0 0 1.7-3L13.7 4.2a2 2 0 0 0-3.4 0z",
  overview: "M4 11.5L12 5l8 6.5M6.5 10v9h11v-9",
  mentors:
    "M9 11.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM2.8 19.5c.5-3.4 3-5.2 6.2-5.2s5.7 1.8 6.2 5.2M16 11a3 3 0 1 0-.8-5.9M18 14.4c1.8.7 2.9 2.4 3.2 4.6",
  log: "M6 4h12v16H6zM9 9h6M9 12.5h6M9 16h3.5",
  sync:
    "M19.5 11a7.5 7.5 0 0 0-13.3-4.2L4 9M4 4.5V9h4.5M4.5 13a7.5 7.5 0 0 0 13.3 4.2L20 15M20 19.5V15h-4.5",
  download: "M12 4v11M7.5 11l4.5 4.5 4.5-4.5M5 19.5h14",
  back: "M14.5 6l-6 6 6 6",
  chevron: "M9 6l6 6-6 6",
  info: "M12 11v5.5M12 7.6v.2M12 21a9 9 0 1 1 0-18 9 9 0 0 1 0 18z",
  shield: "M12 3.5l7 2.6v5.4c0 4.3-2.9 7.4-7 9-4.1-1.6-7-4.7-7-9V6.1zM9 12l2.2 2.2L15 10.2",
} as const;

/** A small drawing beside words that say the same; hidden from screen readers. */
export function Icon({ name }: { name: keyof typeof PATHS }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}
