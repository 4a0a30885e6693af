/** Stands for what is being loaded. */
export const Reading = () => (
  <p class='loading' aria-busy='true'>
    Reading…
  </p>
)
