import { alerts, notifications } from "./en_alerts.ts";
import { errors, unknownError } from "./en_errors.ts";
import type { Words } from "./nb.ts";

const format = new Intl.NumberFormat("en-GB");

function number(count: number): string {
  return format.format(count);
}

function people(count: number): string {
  return count === 1 ? "1 mentor" : `${number(count)} mentors`;
}

function changes(count: number): string {
  return count === 1 ? "1 change" : `${number(count)} changes`;
}

function sendAll(count: number): string {
  return count === 1 ? "Send now" : count === 2 ? "Send both now" : `Send all ${number(count)} now`;
}

export const en: Words = {
  language: "en",
  locale: "en-GB",
  number,
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
    notNow: "Cannot be shown right now.",
    notCopied: "The browser did not let us copy.",
    broken: "The page could not start",
    brokenHelp:
      "The settings of the page are missing or wrong. Tell the people who run this system.",
    crashed: "Something went wrong on the page",
    crashedHelp: "Nothing was sent or lost. Reload the page.",
    reload: "Reload the page",
    notFound: "There is no such page",
    notFoundHelp: "Go to the overview and find your way from there.",
  },

  help: {
    title: "Help",
    urgent: "Is it urgent?",
    ringHlf: "Call HLF. An administrator can remove the person by hand.",
    ring: (phone) => `Call HLF: ${phone}`,
    support: "Does something not work as it should? Tell:",
    website: "Open the website as everyone sees it",
  },

  timeline: {
    asked: "Reason",
    sent: "Sent",
    last: "Last attempt",
    confirmed: "Confirmed",
    visible: { remove: "Hidden from everyone by", restore: "Visible to everyone by" },
  },

  signIn: {
    title: "Sign in",
    intro:
      "For coordinators. See whether the website shows the right mentors, and follow up when something has stopped.",
    email: "E-mail",
    password: "Password",
    showPassword: "Show password",
    submit: "Sign in",
    busy: "Signing in …",
    signedOut: "You have been signed out. Sign in again to go on.",
    ways: {
      password: "Sign in with a password",
      email_code: "Sign in with a code by e-mail",
      azure: "Sign in with Microsoft",
    },
    forgot: "Forgotten your password?",
    recoverySent:
      "If the address has an account, a link was sent to it. Open the link on this device to choose a new password.",
    sendCode: "Send me a code",
    codeSent: (email) => `If ${email} has an account, a code was sent to it. Enter the code here.`,
    code: "Code",
    otherEmail: "Use another e-mail",
    newPassword: "Choose a password",
    newPasswordIntro: "You are signed in. Choose a password, so that you can sign in again later.",
    newPasswordField: "New password",
    savePassword: "Save the password",
    secondFactor: "Confirm that it is you",
    secondFactorIntro: "Open your authenticator app and enter the code that it shows.",
    oldLink: "The link has been used or is too old. Sign in again here.",
    problems: {
      invalid_credentials: "Wrong e-mail or password. Try once more.",
      email_not_confirmed:
        "Your e-mail is not confirmed yet. Open the link in the e-mail you got, and try again.",
      wrong_code: "The code is wrong or too old. Try again or ask for a new code.",
      expired_link:
        "The link has been used or is too old. Ask for a new link under “Forgotten your password?”.",
      banned: "The account is blocked. Contact whoever administers the account.",
      captcha: "A check against robots stopped the sign-in. Reload the page and try again.",
      weak_password: "The password is too simple. Choose a longer password.",
      same_password: "This is the password you have already. Choose another password.",
      way_is_off: "This way of signing in is not switched on. Choose another way.",
      server: "The sign-in service answers with an error. Try again in a while.",
      too_many: "Too many attempts. Wait a couple of minutes before you try again.",
      unreachable: "Cannot connect. Check your network and try again.",
      other: "Signing in did not work. Try again in a while.",
    },
  },

  noAccess: {
    title: "You are not a coordinator",
    text: (email) =>
      `You are signed in as ${email}, but coordinate no organisation, so there is nothing to show here.`,
    help:
      "Ask an administrator of your organisation to make you a coordinator. The page updates by itself.",
  },

  contact: {
    lost: (at) => `Cannot connect. You see how things were ${at}. We keep trying.`,
    neverHad: "Cannot connect. We keep trying.",
    refused: "We get an answer, but may not see what is asked for. The page keeps trying.",
  },

  standing: { in_sync: "Up to date", waiting: "Waiting", stuck: "Needs attention" },
  progress: {
    confirmed: "Up to date",
    on_its_way: "Sent automatically",
    held: "Not being sent now",
    needs_you: "Needs attention",
  },

  operation: { remove: "To be removed", restore: "To be shown" },
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
  names: {
    unread: (tail) => `Reading the name … (…${tail})`,
    deleted: (tail) => `Deleted mentor (…${tail})`,
    gone: (tail) => `No longer in the organisation (…${tail})`,
    blank: (tail) => `Without a name (…${tail})`,
    twin: (name, tail) => `${name} (…${tail})`,
  },
  events: {
    "status_change:active": "Became active in the app",
    "status_change:paused": "Was paused in the app",
    "status_change:expired_cert": "The certification expired",
    "status_change:resigned": "Resigned",
    "status_change:deleted": "Was deleted in the app",
    "status_change:hidden": "Was hidden by the app",
    organisation_change: "Moved to another organisation",
    initial_sync: "Was added in the app",
    tracking_repair: "The regular check found a change",
    manual_coordinator_force_sync: "Sent by a coordinator",
    manual_coordinator_requeue: "Sent again by a coordinator",
    nightly_reconciliation: "The nightly check found a difference",
    break_glass: "Removed by hand by HLF (emergency procedure)",
  },

  overview: {
    title: "Is the website right?",
    nobody: "There are no mentors here yet.",
    yes: (count) =>
      count === 1
        ? "Yes. The website is right for the mentor."
        : `Yes. The website is right for all ${number(count)} mentors.`,
    soon: "Soon.",
    no: "No.",
    stillShown: {
      needs_you: (count) =>
        `${people(count)} may still be shown on the website and ${
          count === 1 ? "needs" : "need"
        } attention.`,
      held: (count) =>
        `${people(count)} may still be shown on the website, and nothing is being sent now.`,
      on_its_way: (count) =>
        `${
          people(count)
        } may still be shown on the website, but the removal is sent automatically.`,
    },
    others: {
      needs_you: (count) => `${people(count)} ${count === 1 ? "needs" : "need"} attention.`,
      held: (count) =>
        `${changes(count)} ${count === 1 ? "is" : "are"} not sent, as nothing is being sent now.`,
      on_its_way: (count) =>
        `${changes(count)} ${count === 1 ? "is" : "are"} on the way and sent automatically.`,
    },
    fading: (count, at) =>
      `${people(count)} ${
        count === 1 ? "is" : "are"
      } removed, but may be visible on the website until ${at}.`,
    noNews: "New changes are not sent now.",
    tiles: {
      confirmed: "the website shows what it should",
      on_its_way: "sent without your doing anything",
      held: "waiting until sending goes on",
      needs_you: "have stopped – follow up",
    },
    cause: (title, count) => `${title}: ${people(count)}`,
    copyList: "Copy the list for HLF",
    copied: (count) => `${people(count)} copied. Paste the list into an e-mail to HLF.`,
    confirmations: "Latest confirmations",
    noConfirmations: "Nothing is confirmed yet.",
    followed: {
      remove: "The website no longer shows this person.",
      restore: "The website shows this person.",
    },
    more: (count) => `See all ${number(count)}`,
    night: "Last nightly check",
    nightNever: "The first nightly check is tonight.",
    nightRunning: (at) => `The nightly check started ${at} and has not finished yet.`,
    nightDone: (at) => `HLF’s listings were compared with the app ${at}.`,
    notifications: "What happened in the last 14 days",
    noNotifications: "Nothing happened.",
    holds: {
      disabled: (name) =>
        `${name} is not connected to HLF. Changes are kept and sent once the connection is switched on.`,
      credentials: () =>
        "HLF’s register does not accept our sign-in. Nothing can be sent before the sign-in is renewed.",
      settings: () =>
        "HLF’s register does not take what we send, as something is set up wrongly. Nothing can be sent before the set-up is put right.",
      closed: () => "Sending to HLF has stopped.",
      stalled: () => "Changes are not being sent as they should. No change is lost.",
      unknown: () => "We could not see whether anything can be sent right now. We keep looking.",
      throttled: (_name, at) =>
        `HLF’s register has asked us to wait until ${at}. What waits is sent automatically once that time is over.`,
    },
  },

  meaning: {
    title: "What does “confirmed” mean?",
    text:
      "Confirmed means that HLF’s register, which the website is built on, has saved the change.",
    lag: (minutes) =>
      minutes === 0
        ? "The website shows the change at once."
        : `It may take up to ${
          number(minutes)
        } minutes until the change is visible on the website itself.`,
  },

  mentors: {
    title: "Mentors",
    search: "Search by name",
    kind: "Who",
    anyKind: "Everyone",
    kinds: {
      may_show: "May still be shown on the website",
      shown: "Shown on the website",
      hidden: "Not shown on the website",
      paused: "Paused",
      expired_cert: "Certification expired",
    },
    show: "Show",
    all: "All",
    shown: (count) => `${people(count)} in the list`,
    none: "No mentor fits this.",
    select: (name) => `Select ${name}`,
    selectAll: "Select all that need attention",
    showMore: "Show more",
    stillShown: "May still be shown on the website",
    fades: (at) => `Removed – may be visible on the website until ${at}`,
    follows: (at) => `Visible on the website by ${at}`,
    confirmedSince: (what, at) => `${what} ${at}`,
    nextAttempt: (at) => `Next attempt ${at}`,
    attemptNow: "Being sent now",
    todoStuckAndHeld: "Nothing is sent now. Press “Send now” once sending goes on.",
    todoHeld: "Nothing is sent now. The change stays in the queue and is not lost.",
    attemptSoon: "About to be sent",
    held: "Waiting: sending has stopped",
    heldUntil: (at) => `Waiting: sent automatically after ${at}`,
    stuckSince: (at) => `Stopped ${at}`,
  },

  mentor: {
    back: "All mentors",
    certification: "Certified until",
    listing: "See the listing as everyone sees it",
    status: "Status in the app",
    wanted: "On the website",
    confirmed: "HLF’s register has confirmed",
    confirmedAt: "Last confirmed",
    next: "What happens now",
    noNext: "Nothing. All is right.",
    attempts: "Attempts at this change",
    never: "Never",
    recent: "Latest attempts",
    noRecent: "No attempts yet.",
    wholeLog: "See it all in the log",
    unknown: "Could not find this mentor",
    unknownHelp: "This mentor was deleted or belongs to another organisation.",
  },

  force: {
    button: "Send now",
    buttonFor: (name) => `Send now: ${name}`,
    preview: {
      remove: "Tells HLF’s register now that the mentor must not be shown.",
      restore: "Tells HLF’s register now that the mentor is to be shown.",
    },
    busy: (name) => `Sending ${name} to HLF …`,
    done: {
      remove: (name) => `Done. HLF’s register has confirmed that ${name} is removed.`,
      restore: (name) => `Done. HLF’s register has confirmed that ${name} is to be shown.`,
    },
    failed: (name) => `It did not work this time for ${name}.`,
    failedNext: (at) => `Next attempt ${at}.`,
    stuck: (name) => `Sending ${name} has stopped.`,
    pending: (name) => `Not done yet for ${name}.`,
    pendingHelp: "The change is in the queue. You can follow it here.",
    pendingHeld: "The change is in the queue, but nothing is sent now.",
    close: "Close the message",
    refused: {
      unauthorised: "You have been signed out. Sign in again and try once more.",
      not_found: "The mentor is no longer in your organisations. Reload the page.",
      not_coordinator: "Only coordinators may do this. Ask an administrator for access.",
      sync_disabled:
        "The organisation is not connected to HLF now. The change is sent once the connection is switched on.",
      too_many_requests: "You pressed too often in a short time. Wait a minute and try again.",
      unreachable:
        "We do not know yet whether it was sent. Follow the row here. It is safe to send once more.",
      other:
        "Something went wrong on our side. Try again in a while, and tell us if the error comes back.",
    },
  },

  requeue: {
    selected: (count) => `Send ${number(count)} selected now`,
    all: sendAll,
    title: (count) => `Send word of ${people(count)} now?`,
    sent: (count) => `Word of ${people(count)} is sent`,
    loading: "Looking at what would happen …",
    preview: "This is sent to HLF’s register:",
    alreadySo: "HLF’s register already has this. Sending again is harmless.",
    nothing: "None of these needs attention any more. There is nothing to send.",
    held: "Nothing is sent now. The message stays in the queue until sending goes on.",
    cancel: "Cancel",
    sending: "Sending …",
    progress: (done, total) => `${number(done)} of ${number(total)} are done`,
    mayClose: "You may close the window. Sending goes on.",
    close: "Close",
    finished: "Done",
    summary: (confirmed, retrying, stuck) =>
      [
        confirmed === 0 ? "None was confirmed." : `${number(confirmed)} confirmed by HLF.`,
        retrying > 0 ? `${number(retrying)} tried again automatically.` : "",
        stuck > 0 ? `${number(stuck)} stopped again.` : "",
      ].filter(Boolean).join(" "),
    step: {
      working: "Waiting for an answer",
      confirmed: "Confirmed",
      retrying: "Tried again",
      stuck: "Stopped again",
    },
    leftOut: (count) => `${people(count)} no longer needed attention, and nothing was sent.`,
  },

  log: {
    title: "Log",
    intro: "Every time we have told HLF. Nobody can change or delete the log.",
    filter: "Choose what to see",
    mentor: "Mentor",
    everyone: "Everyone",
    outcome: "Result",
    anyOutcome: "All",
    from: "From",
    to: "To",
    moreChoices: "Result and dates",
    reset: "Reset",
    csv: "Download as CSV",
    csvNames: "Reading names …",
    csvBusy: (count) => `Reading ${number(count)} …`,
    csvDone: (count) =>
      count === 1 ? "1 row was downloaded." : `${number(count)} rows were downloaded.`,
    csvFailed: "The download did not work. Try again.",
    csvName: (from, to) => `hlf-log-${from}-${to}.csv`,
    csvHeader: [
      "Time (Oslo)",
      "Mentor",
      "Mentor id",
      "Change",
      "Result",
      "Response code",
      "Earlier attempts",
      "Error",
      "Explanation",
      "Reason",
      "Reference",
    ],
    forAudit: "For auditors",
    auditIntro: "Figures of the whole organisation, and a check that the log is as it was written.",
    backToLog: "Back to the log",
    summary: "The whole organisation in this time",
    chart: "Results by day",
    chartWeeks: "Results by week",
    chartText: (from, to, success, failure, dead) =>
      `From ${from} to ${to}: ${number(success)} confirmed, ${number(failure)} failed, ${
        number(dead)
      } given up.`,
    chartTable: "Show the chart as a table",
    day: "Day",
    week: "Week from",
    rows: "Attempts",
    none: "No attempt fits this.",
    more: "Show older",
    loaded: (count) => `${number(count)} shown`,
    details: {
      time: "Exact time",
      class: "Kind of error",
      mentor: "See the mentor",
      copy: "Copy reference",
      copied: "Copied.",
      attempt: "Reference",
      code: "Response code",
      noCode: "No answer",
      retries: "Earlier attempts",
      total: "Attempts in all",
      reason: "Reason",
      error: "Error code",
      request: "Dynamics reference",
      meaning: "What it means",
      todo: "What you can do",
    },
    succeeded: "HLF’s register has confirmed that the change is saved.",
    seals: "Is the log untouched?",
    sealsText:
      "Each night the day before is sealed with a fingerprint that no longer matches if a row is changed, deleted or added.",
    verify: "Check that the log is unchanged",
    verifying: "Checking …",
    intact: (days) =>
      days === 0
        ? "No sealed days in this time to check."
        : days === 1
        ? "1 day was checked. Nothing has been changed."
        : `${days} days were checked. Nothing has been changed.`,
    broken: (day, reason) =>
      `The seal does not match ${day}: ${reason}. Tell us, and do not tidy up yourself.`,
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
