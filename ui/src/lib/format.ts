// Ages, times, dates, numbers and lists as the locale has them.

import { t } from "./i18n";
import { locale } from "./i18n/locale.svelte";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** After this an age is worth a clock icon. */
export const OLD = 5 * MINUTE;

/** "just now", "12 s ago", "4 min ago", "3 h ago", then the date. */
export function age(since: number, now: number): string {
  const passed = Math.max(0, now - since);
  if (passed < 5 * SECOND) return t("age.now");
  if (passed < MINUTE) return t("age.seconds", { n: Math.floor(passed / SECOND) });
  if (passed < HOUR) return t("age.minutes", { n: Math.floor(passed / MINUTE) });
  if (passed < 24 * HOUR) return t("age.hours", { n: Math.floor(passed / HOUR) });
  return day(since);
}

/** "14 min old", for what is older than it should be. */
export function ageOld(since: number, now: number): string {
  const passed = now - since;
  if (passed < HOUR) return t("age.old.minutes", { n: Math.floor(passed / MINUTE) });
  if (passed < 24 * HOUR) return t("age.old.hours", { n: Math.floor(passed / HOUR) });
  return t("age.old.since", { date: day(since) });
}

/** How long something has run: "02:14", "1:02:14". */
export function running(since: number, until: number): string {
  const seconds = Math.max(0, Math.floor((until - since) / SECOND));
  const two = (n: number) => String(n).padStart(2, "0");
  const hours = Math.floor(seconds / 3600);
  const rest = `${two(Math.floor((seconds % 3600) / 60))}:${two(seconds % 60)}`;
  return hours > 0 ? `${hours}:${rest}` : rest;
}

/** "12 May 2021" */
export function day(moment: number | Date, timeZone?: string): string {
  return new Intl.DateTimeFormat(locale(), { day: "numeric", month: "short", year: "numeric", timeZone }).format(
    moment,
  );
}

/** "14 Nov 2026, 18:22" */
export function dayAndTime(moment: number | Date): string {
  return new Intl.DateTimeFormat(locale(), {
    day: "numeric",
    month: "short",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
  }).format(moment);
}

/** "09:41" today, with the date before. */
export function timeOfDay(moment: number, now: number): string {
  if (day(moment) !== day(now)) return dayAndTime(moment);
  return new Intl.DateTimeFormat(locale(), { hour: "2-digit", minute: "2-digit" }).format(moment);
}

export function list(items: readonly string[]): string {
  return new Intl.ListFormat(locale(), { type: "conjunction" }).format(items);
}

/** A decimal as text, with the locale's marks. The digits after the point stay as the CRM wrote them. */
export function decimal(text: string): string {
  const number = Number(text);
  if (!Number.isFinite(number) || text.trim() === "") return text;
  const digits = text.split(".")[1]?.length ?? 0;
  const format = new Intl.NumberFormat(locale(), {
    minimumFractionDigits: Math.min(digits, 20),
    maximumFractionDigits: Math.min(digits, 20),
  });
  return format.format(text as Intl.StringNumericLiteral);
}

/** "0.21" */
export function seconds(milliseconds: number): string {
  return new Intl.NumberFormat(locale(), { maximumSignificantDigits: 2 }).format(milliseconds / SECOND);
}

/** Two letters for the tile beside a name; none for "Visitor 8812". */
export function initials(name: string): string {
  const words = name.split(/\s+/u).filter((word) => /^\p{L}/u.test(word));
  const [first, ...rest] = words;
  if (first === undefined || (rest.length === 0 && /\d/.test(name))) return "";
  const last = rest.at(-1);
  return [first, last].map((word) => firstLetter(word ?? "")).join("");
}

function firstLetter(word: string): string {
  return (word.match(/^\p{L}\p{M}*/u)?.[0] ?? "").toLocaleUpperCase(locale());
}
