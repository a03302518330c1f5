/** A part of an address as the text it stands for; an address typed by hand that is not proper is taken as it is. */
export function fromAddress(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
