/** Stands for what is being loaded. */
export const Loading = () => (
  <p class='loading' aria-busy='true'>
    Loading…
  </p>
)
