// What only the browser knows, and what needs no answer of the hub.
window.dash_clientside = window.dash_clientside || {};
window.dash_clientside.overview = {
  zone: () => Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC",

  viewer: (search) =>
    search === undefined || search === null
      ? window.dash_clientside.no_update
      : { search, zone: window.dash_clientside.overview.zone() },

  // The theme is applied here, last, so that the switch works at once and without the hub.
  draw: (figures, scheme, templates) => {
    if (!figures) throw window.dash_clientside.PreventUpdate;
    const root = document.documentElement;
    const template = templates[root.getAttribute("data-mantine-color-scheme") || scheme || "light"];
    return figures.map((figure) => ({ ...figure, layout: { ...figure.layout, template } }));
  },
};
