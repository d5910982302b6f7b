// @ts-check
/** Before anything is drawn: light or dark as was chosen on one of our pages, else as the system is. */
{
  const chosen = localStorage.getItem('talkgraph-theme');
  if (chosen === 'dark' || chosen === 'light') document.documentElement.dataset['theme'] = chosen;
}
