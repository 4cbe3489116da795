import { alerts, notifications } from "./en_alerts.ts";
import { errors, unknownError } from "./en_errors.ts";
import type { Words } from "./nb.ts";

function people(count: number): string {
  return count === 1 ? "1 mentor" : `${count} mentors`;
}

export const en: Words = {
  language: "en",
  locale: "en-GB",
  errors,
  unknownError,
  alerts,
  notifications,

  app: {
    name: "Mentors on the website",
    owner: "HLF",
    skip: "Skip to the content",
    menu: "Main menu",
    overview: "Overview",
    mentors: "Mentors",
    log: "Log",
    otherLanguage: "Norsk",
    signOut: "Sign out",
    organisation: "Organisation",
    loading: "Loading …",
    broken: "The page could not start",
    brokenHelp: "Its settings are missing or wrong. Tell the people who run this system.",
    crashed: "Something went wrong on the page",
    crashedHelp: "Nothing was sent or lost. Reload the page.",
    reload: "Reload the page",
    notFound: "There is no such page",
    notFoundHelp: "Go to the overview and find your way from there.",
  },

  signIn: {
    title: "Sign in",
    intro:
      "For coordinators. See whether the website shows the right mentors, and send again when something is stuck.",
    email: "E-mail",
    password: "Password",
    showPassword: "Show the password",
    submit: "Sign in",
    busy: "Signing in …",
    signedOut: "You are signed out. Sign in again to go on.",
    problems: {
      invalid_credentials: "The e-mail or the password is not right. Try once more.",
      email_not_confirmed:
        "Your e-mail is not confirmed yet. Open the link in the e-mail you got, and try again.",
      too_many: "Too many attempts. Wait a couple of minutes before you try again.",
      unreachable: "Cannot connect. Check your network and try again.",
      other:
        "Signing in did not work. Try again in a while, or tell the people who run this system.",
    },
  },

  noAccess: {
    title: "You are not a coordinator",
    text: (email) =>
      `You are signed in as ${email}, but coordinate no organisation. So there is nothing to show here.`,
    help:
      "Ask an administrator of your organisation to make you a coordinator. Then sign out and in again.",
  },

  contact: {
    lost: (at) => `Cannot connect. You see how things were ${at}. We keep trying.`,
    neverHad: "Cannot connect. We keep trying.",
    updated: (at) => `Updated ${at}`,
  },

  standing: { in_step: "In step", waiting: "Waiting", stuck: "Stuck" },

  operation: { remove: "Remove from the website", restore: "Show on the website" },
  wanted: { remove: "Must not be shown", restore: "To be shown" },
  confirmed: {
    remove: "Confirmed removed",
    restore: "Confirmed shown",
    none: "Nothing confirmed yet",
  },
  outcome: { success: "Confirmed", failure: "Failed", dead_lettered: "Given up" },
  status: {
    active: "Active",
    paused: "Paused",
    expired_cert: "Certification expired",
    resigned: "Resigned",
    deleted: "Deleted in the app",
  },
  deletedMentor: (tail) => `Deleted mentor (…${tail})`,
  events: {
    "status_change:active": "Became active in the app",
    "status_change:paused": "Was paused in the app",
    "status_change:expired_cert": "The certification expired",
    "status_change:resigned": "Resigned",
    "status_change:deleted": "Was deleted in the app",
    "status_change:hidden": "Was hidden by the app",
    organisation_change: "Moved to another organisation",
    initial_sync: "Became known to the sync",
    tracking_repair: "The check each minute found a change",
    manual_coordinator_force_sync: "A coordinator synchronised",
    manual_coordinator_requeue: "A coordinator sent it again",
    nightly_reconciliation: "The nightly check found a difference",
    break_glass: "The emergency procedure",
  },

  overview: {
    title: "Is the website in step?",
    yes: (count) =>
      count === 1
        ? "Yes. The mentor is as it should be on the website."
        : `Yes. All ${count} mentors are as they should be on the website.`,
    soon: (waiting) =>
      `Soon. ${people(waiting)} ${waiting === 1 ? "is" : "are"} waiting. It happens by itself.`,
    no: (stuck) =>
      stuck === 1
        ? "No. 1 mentor is stuck and needs you."
        : `No. ${stuck} mentors are stuck and need you.`,
    nobody: "There are no mentors here yet.",
    tiles: {
      in_step: "are as they should be on the website",
      waiting: "are waiting, and go by themselves",
      stuck: "are stuck and need you",
    },
    needsYou: "Needs you",
    onTheWay: "On the way",
    more: (count) => `See all ${count}`,
    night: "Last nightly check",
    nightNever: "There has been no nightly check yet. The first is tonight.",
    nightRunning: (at) => `Started ${at} and has not finished yet.`,
    nightDone: (at) => `Finished ${at}.`,
    nightDrift: (drift, listings) =>
      drift === 0
        ? `Compared ${listings} listings on the website with the app. No differences.`
        : `Compared ${listings} listings on the website with the app. Found ${
          drift === 1 ? "1 difference" : `${drift} differences`
        } and sent again what differed.`,
    nightCertificates: (expired, reminders) =>
      `Certifications expired: ${expired}. Reminders: ${reminders}.`,
    alerts: "Open alerts",
    noAlerts: "No open alerts.",
    since: (at) => `Since ${at}`,
    notifications: "Last 14 days",
    noNotifications: "Nothing to report.",
    gateThrottled: (at) =>
      `Dynamics has asked us to wait until ${at}. Whatever is waiting is sent afterwards by itself.`,
    gateCredentials:
      "Dynamics does not accept our sign-in. Nothing can be sent before it is renewed. Tell the people who run this system.",
    disabled: (name) =>
      `${name} is not connected to HLF. Changes are kept and sent once the connection is switched on.`,
  },

  meaning: {
    title: "What does “confirmed” mean?",
    text:
      "Confirmed means that Dynamics, HLF’s register behind the website, has answered that the change is saved.",
    lag:
      "The website itself may lag behind: up to 15 minutes, or up to 75 minutes where a cache (CDN) stands in front of it.",
  },

  mentors: {
    title: "Mentors",
    search: "Search by name",
    show: "Show",
    all: "All",
    shown: (count) => `${people(count)} in the list`,
    none: "No mentor fits this.",
    select: (name) => `Select ${name}`,
    selectAll: "Select all that are stuck",
    showMore: "Show more",
    stillShown: "May still be on the website",
    confirmedSince: (what, at) => `${what} ${at}`,
    nextAttempt: (at) => `Next attempt ${at}`,
    attemptNow: "Being sent now",
    attemptSoon: "About to be sent",
    held: "Held back",
    stuckSince: (at) => `Stuck since ${at}`,
  },

  mentor: {
    back: "All mentors",
    status: "Status in the app",
    wanted: "On the website",
    confirmed: "Dynamics has confirmed",
    confirmedAt: "Last confirmed",
    next: "What happens now",
    noNext: "Nothing. All is in step.",
    attempts: "Attempts at this change",
    reason: "Reason",
    never: "Never",
    recent: "Latest attempts",
    noRecent: "No attempts yet.",
    wholeLog: "See it all in the log",
    unknown: "Did not find this mentor",
    unknownHelp: "There is none, it is deleted and done, or it belongs to another organisation.",
  },

  force: {
    button: "Synchronise now",
    buttonFor: (name) => `Synchronise now: ${name}`,
    preview: {
      remove: "Tells Dynamics now that the mentor must not be shown.",
      restore: "Tells Dynamics now that the mentor is to be shown.",
    },
    busy: (name) => `Sending ${name} to Dynamics …`,
    done: {
      remove: (name) =>
        `Done. Dynamics has confirmed that ${name} is removed. The website follows within 15 minutes, or 75 where a cache (CDN) stands in front of it.`,
      restore: (name) =>
        `Done. Dynamics has confirmed that ${name} is shown. The website follows within 15 minutes, or 75 where a cache (CDN) stands in front of it.`,
    },
    failed: (name) => `It did not work this time for ${name}.`,
    failedNext: (at) => `Next attempt ${at}.`,
    stuck: (name) => `${name} is stuck.`,
    pending: (name) => `Not done yet for ${name}.`,
    pendingHelp: "It is in the queue and goes by itself. You can follow it here.",
    close: "Close the message",
    refused: {
      unauthorised: "Your sign-in has run out. Sign in again and try once more.",
      not_found: "The mentor is no longer in your organisations. Reload the page.",
      not_coordinator: "Only coordinators may do this. Ask an administrator for access.",
      sync_disabled:
        "The organisation is not connected to HLF now. The change is sent once the connection is switched on.",
      too_many_requests: "That was many presses in a short time. Wait a minute and try again.",
      unreachable: "No answer. Check your network. It is safe to press once more.",
      other:
        "Something went wrong on our side. Try again in a while. If it happens again, tell the people who run this system.",
    },
  },

  requeue: {
    one: "Send again",
    oneFor: (name) => `Send again: ${name}`,
    selected: (count) => `Send ${count} selected again`,
    all: (count) => count === 1 ? "Send again" : `Send all ${count} again`,
    title: (count) => `Send ${people(count)} again?`,
    sent: (count) => `${people(count)} sent again`,
    loading: "Looking at what would happen …",
    preview: "This is sent to Dynamics:",
    alreadySo: "Dynamics has it so already, but we send it all the same.",
    nothing: "None of these is stuck any more. There is nothing to send.",
    andMore: (count) => `and ${count} more`,
    confirm: (count) => count === 1 ? "Send again" : `Send ${count} again`,
    cancel: "Cancel",
    sending: "Sending …",
    progress: (done, total) => `${done} of ${total} are done`,
    mayClose: "You may close the window. Sending goes on.",
    close: "Close",
    finished: "Done",
    summary: (confirmed, retrying, stuck) =>
      [
        `${confirmed} confirmed by Dynamics.`,
        retrying > 0 ? `${retrying} tried again by themselves.` : "",
        stuck > 0 ? `${stuck} still stuck.` : "",
      ].filter(Boolean).join(" "),
    step: {
      working: "Waiting for an answer",
      confirmed: "Confirmed",
      retrying: "Tried again",
      stuck: "Stuck",
    },
    leftOut: (count) => `${people(count)} no longer stuck, and not sent.`,
  },

  log: {
    title: "Log",
    intro: "Every attempt to tell Dynamics. Nobody can change or delete the log.",
    filter: "Choose what to see",
    mentor: "Mentor",
    everyone: "Everyone",
    outcome: "Result",
    anyOutcome: "All",
    from: "From",
    to: "To",
    reset: "Reset",
    csv: "Download as CSV",
    csvBusy: (count) => `Reading ${count} …`,
    csvDone: (count) => count === 1 ? "1 row was downloaded." : `${count} rows were downloaded.`,
    csvFailed: "The download did not work. Try again.",
    csvName: (from, to) => `hlf-log-${from}-${to}.csv`,
    csvHeader: [
      "Time (Oslo)",
      "Mentor",
      "Mentor id",
      "Change",
      "Result",
      "Response code of Dynamics",
      "Earlier attempts",
      "Error",
      "Explanation",
      "Reason",
      "Attempt number",
    ],
    summary: "The whole organisation in this time",
    chart: "Results by day",
    chartWeeks: "Results by week",
    chartText: (from, to, success, failure, dead) =>
      `From ${from} to ${to}: ${success} confirmed, ${failure} failed, ${dead} given up.`,
    chartTable: "Show the chart as a table",
    day: "Day",
    week: "Week from",
    rows: "Attempts",
    none: "No attempt fits this.",
    more: "Show older",
    loaded: (count) => `${count} shown`,
    details: {
      attempt: "Attempt number",
      code: "Response code of Dynamics",
      noCode: "No answer",
      retries: "Earlier attempts",
      total: "Attempts in all",
      reason: "Reason",
      error: "Error code",
      request: "Number at Dynamics",
      meaning: "What it means",
      todo: "What you can do",
    },
    succeeded: "Dynamics has confirmed that the change is saved.",
    seals: "Is the log untouched?",
    sealsText:
      "Each night the day before is sealed with a fingerprint. If a row is changed, deleted or added afterwards, the seal no longer matches.",
    sealedUntil: (day, rows) =>
      `Sealed up to and including ${day} (${rows} ${rows === 1 ? "row" : "rows"} that day).`,
    notSealed: "No day is sealed yet.",
    verify: "Check the seals",
    verifying: "Checking …",
    intact: (days) =>
      days === 0
        ? "No sealed days in this time to check."
        : days === 1
        ? "1 day was checked. Nothing has been changed."
        : `${days} days were checked. Nothing has been changed.`,
    broken: (day, reason) =>
      `The seal does not match ${day}: ${reason}. Tell the people who run this system, and do not tidy up yourself.`,
    sealReasons: {
      "seal missing": "the seal is missing",
      "seal does not follow from the day before": "the seal does not follow from the day before",
      "rows detached too early": "rows were taken out too early",
      "log and seals missing": "the whole log and all seals are gone",
      "row added": "a row was added",
      "row missing": "a row is missing",
      "row changed": "a row was changed",
    },
    verifyFailed: "The check did not work. Try again.",
  },
};
