/** The mark: a speech bubble that is a clock. */
export function Logo() {
  return (
    <svg viewBox="0 0 24 24" aria-hidden>
      <path d="M5.500 3.500h13a2.500 2.500 0 0 1 2.500 2.500v9a2.500 2.500 0 0 1-2.500 2.500H13L8 21.500v-4H5.500A2.500 2.500 0 0 1 3 15V6a2.500 2.500 0 0 1 2.500-2.500z" fill="currentColor" />
      <path d="M12 6.800v4l2.700 1.700" fill="none" stroke="var(--accent)" strokeWidth="1.900" strokeLinecap="round" strokeLinejoin="round" />
    </svg>
  );
}
