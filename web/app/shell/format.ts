/** `1:05`, `1:02:03`. @param seconds zero or more. */
export function formatDuration(seconds: number): string {
  const whole = Math.round(seconds);
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const tail = String(rest).padStart(2, "0");
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, "0")}:${tail}` : `${minutes}:${tail}`;
}

const units = ["bytes", "kB", "MB", "GB", "TB"] as const;

/** Decimal units (SI), three digits at most: `4.2 MB`. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[unit] ?? ""}`;
}

export const formatCount = (count: number): string => count.toLocaleString("en");

export const formatItems = (count: number): string =>
  count === 1 ? "1 item" : `${formatCount(count)} items`;

/** An instant as people say it, in the browser's own time zone. */
export const formatTime = (iso: string): string =>
  new Date(iso).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });

/** A day and time as a camera wrote them, or an instant. */
export const formatDate = (iso: string): string =>
  new Date(iso).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });

/** `Monday, 21 July 2025`, in the browser's own language. */
export const formatDay = (iso: string): string =>
  new Date(iso).toLocaleDateString(undefined, {
    weekday: "long",
    year: "numeric",
    month: "long",
    day: "numeric",
  });

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** `Jul 2019` of `2019-07`. */
export function formatMonth(key: string): string {
  const [year = "", month = "1"] = key.split("-");
  return `${months[Number(month) - 1] ?? ""} ${year}`;
}
